"""A bare Debian root with a compiler for another architecture, and that architecture's libraries: what dev/release builds in."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import kept

ROOT = Path(__file__).resolve().parents[1]
# As compilers call an architecture of Debian's, and as qemu does.
TRIPLETS = {"arm64": "aarch64-linux-gnu"}
QEMU = {"arm64": "qemu-aarch64-static"}
# They run here, whatever they build for; the compiler is another one.
TOOLS = {"cmake", "meson", "pkgconf"}
NOT_NEEDED = {"debhelper-compat", "g++"}


def packages(architecture: str) -> list[str]:
    """What is built with, by debian/control: tools of this architecture, libraries of the other one."""
    control = re.search(r"^Build-Depends: (.*?)^\S", (ROOT / "debian/control").read_text(), re.MULTILINE | re.DOTALL)
    assert control
    wanted = [f"crossbuild-essential-{architecture}", "ninja-build", "qemu-user-static", "s6", "execline"]
    for name in sorted(set(re.findall(r"[a-z][a-z0-9.+-]+(?=[ ,\n])", re.sub(r"\(.*?\)", "", control[1]))) - NOT_NEEDED):
        kind = subprocess.run(["dpkg-query", "-W", "-f", "${Architecture}", name], capture_output=True, text=True, check=True).stdout
        wanted.append(name if name in TOOLS or kind == "all" else f"{name}:{architecture}")
    return wanted


def unpack_root(architecture: str, to: Path) -> None:
    """It takes some minutes for the first time."""
    kept.unpack_debian(to, f"cross-{architecture}", "--variant=apt", f"--architectures={native()},{architecture}",
                       f"--include={','.join(packages(architecture))}")


def machine_file(architecture: str) -> str:
    """What meson has to know of the compiler for another architecture, and of where that one's libraries are described."""
    triplet = TRIPLETS[architecture]
    family = triplet.partition("-")[0]
    return f"""[binaries]
c = '{triplet}-gcc'
cpp = '{triplet}-g++'
ar = '{triplet}-ar'
strip = '{triplet}-strip'
pkgconfig = 'pkgconf'
cmake = 'cmake'

[properties]
pkg_config_libdir = ['/usr/lib/{triplet}/pkgconfig', '/usr/share/pkgconfig']

[host_machine]
system = 'linux'
cpu_family = '{family}'
cpu = '{family}'
endian = 'little'
"""


def native() -> str:
    return subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()


def run_in(root: Path, *words: str) -> None:
    """In the root, with /dev and /proc of its own process namespace."""
    inside = 'mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc" && exec chroot "$@"'
    subprocess.run(["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "sh", "-c", inside, "sh",
                    root, *words], check=True, stdout=2, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8"})
