"""A host as its user has it: the package on a bare Debian whose PID 1 is systemd, from the first gateway to the last."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import kept
import pytest
from debian_packages import in_root, later, put
from home import Home
from places import REPOSITORY, let_others_through
from poll import wait_until
from systemd_box import SystemdBox

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("packaging")]

# docs/host.md
HOME = "/srv/gateways"
# A gateway that fails as long as there is a file "broken" in its directory.
COMMAND = 'command: [gatewayctl, run, --, sh, -c, "test ! -e broken && exec my-gateway"]\n'


class Host:
    def __init__(self, box: SystemdBox, volume: Home) -> None:
        self.box, self.volume = box, volume

    def ctl(self, *words: str, codes: tuple[int, ...] = (0,)) -> str:
        done = self.box.run(["gatewayctl", "--home", HOME, *words], timeout=120)
        assert done.returncode in codes, (words, done)
        return done.stdout + done.stderr

    def states(self) -> dict[str, str]:
        lines = self.box.run(["gatewayctl", "--home", HOME, "status"]).stdout.splitlines()[2:-1]
        return {words[0]: words[1] for words in map(str.split, lines)}

    def pid(self, name: str) -> str:
        unit = self.ctl("status", name).partition("Unit:")[2].split()[0].removesuffix(",")
        return self.box.systemctl("show", "--value", "-p", "MainPID", unit).stdout.strip()


@pytest.fixture
def host(packages: dict[str, Path], tmp_path: Path) -> Iterator[Host]:
    root = tmp_path / "root"
    root.mkdir(mode=0o755)
    let_others_through(tmp_path)
    kept.unpack_debian(root, "bare-host", "--variant=minbase", "--include=systemd,dbus")
    volume = Home(tmp_path / "volume")
    for name in ("coder", "writer"):
        volume.profile(name)
    volume.write(volume.home / "gatewayctl.yaml", COMMAND)
    in_root(root, "dpkg", "-i", *put(root, packages))
    (tmp_path / "later").mkdir()
    later(packages, tmp_path / "later", "0.1.1")
    shutil.copy2(REPOSITORY / "examples/behind-run/gateway.sh", root / "usr/local/bin/my-gateway")
    with SystemdBox(binds={HOME: volume.home, "/later": tmp_path / "later"}, base=root) as box:
        box.start()
        yield Host(box, volume)


def test_from_the_package_to_the_last_gateway(host: Host) -> None:
    assert "3 installed, 0 failed" in host.ctl("install", "--all")
    assert host.states() == {"default": "stopped", "coder": "stopped", "writer": "stopped"}
    host.ctl("start", "coder", "writer")
    host.ctl("stop", "writer", "--reason", "not needed")

    broken = host.volume.home / "profiles/coder/broken"
    broken.touch()
    assert "with code 1; its supervisor keeps trying" in host.ctl("restart", "coder", codes=(1,))
    wait_until(lambda: host.states()["coder"] == "restarting", 30, what="it is between two lives")
    why = host.ctl("explain", "coder")
    assert "its supervisor saw code 1" in why and "$ gatewayctl logs coder" in why
    assert "coder" in host.ctl("status", "--failed", codes=(0, 3))
    broken.unlink()
    host.ctl("start", "coder")
    assert host.states() == {"coder": "running", "default": "stopped", "writer": "stopped"}

    before = host.pid("coder")
    host.box.run(["sh", "-c", "dpkg -i /later/*.deb"], check=True, timeout=120)
    assert host.pid("coder") == before, "an upgrade touches no running gateway"
    assert "drift" not in host.ctl("status", "coder")
    host.ctl("restart", "coder")
    assert host.pid("coder") != before

    host.box.reboot()
    wait_until(lambda: host.states().get("coder") == "running", 60, what="it is back")
    assert host.states() == {"coder": "running", "default": "stopped", "writer": "stopped"}

    assert "3 uninstalled, 0 failed" in host.ctl("uninstall", "--all")
    assert [path.name for path in host.box.units.glob("**/*gateway*")] == []
    host.box.run(["sh", "-c", "dpkg --purge gatewayctl-fleet gatewayctl libgatewayctl-dev libgatewayctl1"], check=True, timeout=120)
    assert host.box.run(["gatewayctl", "version"]).returncode != 0
    assert '"stopped"' in (host.volume.home / "profiles/writer/.gateway-intent.json").read_text(), "the volume is the operator's"
