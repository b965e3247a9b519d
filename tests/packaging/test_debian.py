"""The Debian packages: lintian, and a real dpkg in a bare Debian 12."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from debian_packages import in_root, later, put
from places import BUILD, REPOSITORY

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("packaging")]

PACKAGES = ("gatewayctl", "gatewayctl-fleet", "libgatewayctl1", "libgatewayctl-dev")


def test_lintian_finds_neither_errors_nor_warnings(packages: dict[str, Path]) -> None:
    [changes] = next(iter(packages.values())).parent.glob("*.changes")
    done = subprocess.run(["lintian", "--no-cfg", "--allow-root", "--fail-on", "error,warning", "--tag-display-limit", "0", changes],
                          capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr


def contents(package: Path) -> set[str]:
    shown = subprocess.run(["dpkg-deb", "-c", package], capture_output=True, text=True, check=True).stdout
    return {line.split()[5].removeprefix(".") for line in shown.splitlines() if not line.endswith("/")}


def test_each_package_has_what_its_description_says(packages: dict[str, Path]) -> None:
    assert set(packages) == set(PACKAGES)
    command = contents(packages["gatewayctl"])
    assert {"/usr/bin/gatewayctl", "/usr/share/man/man1/gatewayctl-stop.1.gz", "/usr/share/man/man5/gatewayctl.yaml.5.gz",
            "/usr/share/man/man7/gatewayctl-hooks.7.gz", "/usr/share/bash-completion/completions/gatewayctl",
            "/usr/share/zsh/vendor-completions/_gatewayctl", "/usr/share/fish/vendor_completions.d/gatewayctl.fish",
            "/lib/systemd/system-preset/90-gatewayctl.preset", "/usr/share/doc/gatewayctl/examples/gateway.py"} <= {
                name.replace("/usr/lib/systemd", "/lib/systemd") for name in command}
    assert not [name for name in command if name.startswith("/etc/cont-")], "a host has no container's hooks"
    assert "/usr/bin/gatewayctl-fleet" in contents(packages["gatewayctl-fleet"])
    assert any(name.endswith("/libgatewayctl.so.1") for name in
               (line.split(" ")[0] for line in contents(packages["libgatewayctl1"])))
    assert "/usr/include/gatewayctl.h" in contents(packages["libgatewayctl-dev"])


def files_of(root: Path) -> set[str]:
    """Of the places that packages put files in, but what dpkg, ldconfig and the test itself write."""
    return {str(path.relative_to(root)) for place in ("usr", "etc", "lib", "opt") for path in (root / place).rglob("*")
            if not re.search(r"ld\.so\.cache|etc/systemd/system", str(path))}


def test_a_bare_debian_installs_upgrades_and_removes_them(bare_root: Path, packages: dict[str, Path], tmp_path: Path) -> None:
    before = files_of(bare_root)
    in_root(bare_root, "dpkg", "-i", *put(bare_root, packages))
    assert in_root(bare_root, "gatewayctl", "version").stdout == "gatewayctl 0.1.0\n"
    home = bare_root / "opt/gateways"
    (home / "profiles/coder").mkdir(parents=True)
    (home / "profiles/coder/SOUL.md").write_text("a gateway\n")
    in_root(bare_root, "chown", "-R", "10000", "/opt/gateways")
    assert "coder" in in_root(bare_root, "gatewayctl", "--home", "/opt/gateways", "--manager", "s6", "plan").stdout
    in_root(bare_root, "dpkg", "--verify", *PACKAGES)
    (bare_root / "etc/gatewayctl.yaml").write_text("drain_timeout: 77\n")
    in_root(bare_root, "dpkg", "-i", *put(bare_root, later(packages, tmp_path, "0.1.1")))
    shown = in_root(bare_root, "dpkg-query", "-W", "-f", "${Version} ${db:Status-Status}\n", *PACKAGES).stdout
    assert shown.splitlines() == ["0.1.1 installed"] * len(PACKAGES)
    assert in_root(bare_root, "gatewayctl", "--home", "/opt/gateways", "config", "get", "drain_timeout").stdout == "77\n"
    in_root(bare_root, "dpkg", "--purge", *PACKAGES)
    assert in_root(bare_root, "gatewayctl", "version", check=False).returncode == 127
    assert (bare_root / "etc/gatewayctl.yaml").read_text() == "drain_timeout: 77\n", "what the operator wrote is his"
    shutil.rmtree(home)
    (bare_root / "etc/gatewayctl.yaml").unlink()
    assert files_of(bare_root) - before == set()


def test_a_program_is_built_against_the_installed_library(packages: dict[str, Path], tmp_path: Path) -> None:
    for package in (packages["libgatewayctl1"], packages["libgatewayctl-dev"]):
        subprocess.run(["dpkg-deb", "-x", package, tmp_path], check=True)
    [description] = tmp_path.rglob("libgatewayctl.pc")
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libgatewayctl"], check=True, capture_output=True, text=True,
                           env={"PATH": "/usr/bin:/bin", "PKG_CONFIG_PATH": str(description.parent),
                                "PKG_CONFIG_SYSROOT_DIR": str(tmp_path), "PKG_CONFIG_ALLOW_SYSTEM_LIBS": "1",
                                "PKG_CONFIG_ALLOW_SYSTEM_CFLAGS": "1"}).stdout.split()
    program = tmp_path / "gateway"
    subprocess.run(["cc", "-D_POSIX_C_SOURCE=200809L", REPOSITORY / "examples/gateway.c", *flags, "-o", program], check=True)
    needed = subprocess.run(["readelf", "-d", program], capture_output=True, text=True, check=True).stdout
    assert "libgatewayctl.so.1" in needed


def test_the_package_is_of_the_version_of_the_sources() -> None:
    packaged = re.match(r"gatewayctl \((.*?)\)", (REPOSITORY / "debian/changelog").read_text())
    version = re.search(r"version: '([\d.]+)'", (REPOSITORY / "meson.build").read_text())
    assert packaged
    assert version
    assert packaged[1] == version[1]


def test_every_symbol_of_the_library_is_promised_by_the_package() -> None:
    promised = set(re.findall(r"^ (\w+@\w+) ", (REPOSITORY / "debian/libgatewayctl1.symbols").read_text(), re.MULTILINE))
    shown = subprocess.run(["nm", "-D", "--defined-only", "--with-symbol-versions", BUILD / "src/capi/libgatewayctl.so.1"],
                           capture_output=True, text=True, check=True).stdout
    symbols = {line.split()[-1].replace("@@", "@") for line in shown.splitlines()}
    assert {symbol if "@" in symbol else f"{symbol}@{symbol}" for symbol in symbols} == promised
