"""What the tool is for, shown: containers that restart, and gateways that come back or stay down as their operator
wants. Everything is real: s6-svscan as PID 1 in namespaces of its own, real processes, real signals."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/support"))

from box import Box  # noqa: E402
from gateway_image import image  # noqa: E402
from home import Home  # noqa: E402
from poll import wait_until  # noqa: E402

CONFIG = 'command: [gatewayctl, run, --drain-timeout, "5", --, test-gateway, --drain-ms, "300"]\n'


def say(text: str) -> None:
    print(f"\n\033[1m{text}\033[0m" if sys.stdout.isatty() else f"\n{text}", flush=True)


def show(box: Box, *argv: str) -> None:
    print(f"$ {' '.join(argv)}", flush=True)
    done = box.run(argv)
    print(done.stdout + done.stderr, end="", flush=True)


def example_volume(path: Path) -> Home:
    volume = Home(path)
    volume.profile("mail", {"gateway_state": "running"})
    volume.profile("chat", {"gateway_state": "draining"})
    volume.profile("batch", {"gateway_state": "running", "desired_state": "stopped"})
    volume.profile("broken", b'{"gateway_state": "run')
    volume.profile("Invalid.Name")
    volume.write(path / "gatewayctl.yaml", CONFIG)
    return volume


def wait_running(box: Box, *names: str) -> None:
    for name in names:
        wait_until(lambda: box.run(["gatewayctl", "status", name]).returncode == 0, what=f"{name} running")
        wait_until(
            lambda: '"gateway_state":"running"' in (box.root / f"opt/data/profiles/{name}/gateway_state.json").read_text(),
            what=f"{name} says running",
        )


def show_boot_log(volume: Home) -> None:
    """The lines of the last boot: each pass begins with `default`."""
    lines = volume.boot_log()
    begin = max(i for i, line in enumerate(lines) if "profile=default" in line)
    print("$ tail /opt/data/logs/container-boot.log", *lines[begin:], sep="\n", flush=True)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="gatewayctl-demo-") as scratch:
        Path(scratch).chmod(0o755)
        volume = example_volume(Path(scratch) / "volume")
        with Box(volume.home, overlay=image(), command=["sleep", "infinity"]) as box:
            say("1. The container boots: the scandir is empty, the volume says what must be up.")
            box.start()
            wait_running(box, "mail", "chat")
            show(box, "gatewayctl", "status")
            show_boot_log(volume)

            say("2. The operator stops one gateway.")
            show(box, "gatewayctl", "stop", "chat", "--reason", "maintenance")

            say("3. docker restart: SIGTERM to everything, and a new boot on the same volume.")
            print(f"stopped in {box.stop():.1f} s")
            box.start()
            wait_running(box, "mail")
            show(box, "gatewayctl", "status")
            show_boot_log(volume)

            say("4. At night: one was stopped by somebody, one has a corrupt state, one has become root's.")
            subprocess.run(["chown", "-R", "0:0", volume.directory("batch")], check=True)
            show(box, "gatewayctl", "explain", "chat")
            show(box, "gatewayctl", "explain", "broken")
            show(box, "gatewayctl", "doctor")
            show(box, "gatewayctl", "start", "broken")
            subprocess.run(["chown", "-R", f"{volume.owner}:{volume.owner}", volume.directory("batch")], check=True)
    say("'mail' was ended by the restart and is back; 'chat' was stopped by its operator and stays down.")


if __name__ == "__main__":
    main()
