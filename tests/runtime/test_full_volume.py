"""A full volume blocks no gateway and holds up no stop."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest
from poll import is_gone, wait_until
from s6_tree import Finish, S6Tree, Supervisor

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="mounts a volume of its own")

# More than the pipes and s6-log together hold.
MANY = 6000


@pytest.fixture
def talking() -> Iterator[S6Tree]:
    """A gateway that talks without a pause and notes elsewhere how far it has come; its log lies on a small volume."""
    with S6Tree(Supervisor.OF_USER, Finish.WHOLE) as tree:
        tree.profile("a")
        beats = tree.write(tree.root / "beats", "")
        line = "ordinary talk " * 8
        tree.part("a", before=f"trap 'exit 0' TERM; while :; do echo '{line}'; echo . >>{beats}; done")
        logs = tree.home / "logs"
        logs.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size=64k,uid={tree.owner}", "none", str(logs)], check=True)
        try:
            yield tree
        finally:
            tree.stop()
            subprocess.run(["umount", str(logs)], check=True)


def test_a_gateway_goes_on_and_a_stop_ends_in_time(talking: S6Tree) -> None:
    beats = talking.root / "beats"
    talking.ctl("start", "--no-wait", "a", check=True)
    wait_until(lambda: "No space left" in (talking.root / "console.log").read_text(errors="replace"), what="a full volume")
    begun = beats.stat().st_size
    wait_until(lambda: beats.stat().st_size > begun + 2 * MANY, what="it to go on")
    pid = talking.pid("a")
    talking.ctl("stop", "a", check=True)
    assert is_gone(pid)
    assert talking.svscan
    talking.tool("s6-svscanctl", "-t", str(talking.scandir))
    assert talking.svscan.wait(120) == 0, "its logger ends, too"
