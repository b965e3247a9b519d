"""The user writes whatever he likes into the scandir that is his: every process that reads it is his, too."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from box import Box, Tree
from places import USER
from poll import wait_until
from tree_image import RUNNING, Image, image_of

WHO = "/opt/data/who"
# Everything in a scandir that s6-svscan, s6-supervise or a logger executes.
SCRIPTS = {
    "evil/run": "exec sleep 1000",
    "evil/finish": "exit 0",
    "evil/log/run": "exec cat >/dev/null",
    ".s6-svscan/finish": "exit 0",
    ".s6-svscan/crash": "exit 0",
    ".s6-svscan/SIGHUP": "exec s6-svscanctl -a .",
    ".s6-svscan/SIGTERM": "exec s6-svscanctl -t .",
}


@pytest.fixture(params=[Tree.OWN, Tree.ENTRY_POINT], ids=lambda tree: tree.value)
def image(request: pytest.FixtureRequest, tmp_path: Path) -> Image:
    return image_of(tmp_path, request.param)


def plant(box: Box) -> None:
    for name, rest in SCRIPTS.items():
        text = f'#!/bin/sh\necho "{name} $(id -u)" >>{WHO}\n{rest}\n'
        path = f"{box.scandir}/{name}"
        box.run(["sh", "-c", f'mkdir -p "$(dirname {path})" && cat >{path} <<"END"\n{text}END\nchmod 755 {path}'], check=True)


def who(image: Image) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    path = image.home / "who"
    for line in path.read_text().splitlines() if path.exists() else []:
        name, uid = line.split()
        found.setdefault(name, set()).add(uid)
    return found


def test_whatever_is_executed_in_it_is_executed_as_the_user(image: Image) -> None:
    image.profile("a", RUNNING)
    with image.box() as box:
        box.start()
        image.wait_ready("a")
        plant(box)
        box.run(["s6-svscanctl", "-a", box.scandir], check=True)
        wait_until(lambda: {"evil/run", "evil/log/run"} <= who(image).keys(), what="the slot to run")
        box.run(["s6-svc", "-r", f"{box.scandir}/evil"], check=True)
        wait_until(lambda: "evil/finish" in who(image), what="its finish")
        box.run(["sh", "-c", f"kill -HUP $(cat /proc/[0-9]*/stat | grep '(s6-svscan)' | grep -v '^1 ' | cut -d' ' -f1)"])
        box.stop(60)
    seen = who(image)
    assert {".s6-svscan/SIGHUP", ".s6-svscan/SIGTERM", ".s6-svscan/finish"} <= seen.keys()
    assert set.union(*seen.values()) == {str(USER)}
    assert image.events("a")[-1] == "exit 0"


def test_links_in_the_place_of_what_s6_makes_lead_root_nowhere(image: Image) -> None:
    """supervise/, event/, the control FIFO and the status file as links to what only root may write."""
    image.profile("a", RUNNING)
    with image.box() as box:
        box.start()
        image.wait_ready("a")
        victim = box.root / "etc/victim"
        box.run(["sh", "-c", "echo untouched >/etc/victim && chmod 600 /etc/victim"], user=0, check=True)
        box.run(["sh", "-c", f"""
            mkdir -p {box.scandir}/trap/supervise {box.scandir}/trap/event && cd {box.scandir}/trap
            printf '#!/bin/sh\\nexec sleep 1000\\n' >run && chmod 755 run
            ln -s /etc/victim supervise/status && ln -s /etc/victim supervise/status.new
            ln -s /etc/victim supervise/death_tally && ln -s /etc/victim supervise/lock
            mkdir ../linked && ln -s /etc ../linked/supervise && ln -s /etc ../linked/event && cp run ../linked/
            """], check=True)
        box.run(["s6-svscanctl", "-a", box.scandir], check=True)
        # Root's own verbs look at the scandir, and its slot does at the container's end.
        for words in (["status"], ["list"], ["reconcile"], ["restart", "a"], ["drain", "--timeout", "20"]):
            box.run(["gatewayctl", *words], user=0, timeout=60)
        assert victim.read_text() == "untouched\n"
        assert (os.stat(victim).st_uid, os.stat(victim).st_mode & 0o777) == (0, 0o600)
        box.stop(60)
