"""Lives with the same pid in pid namespaces of their own, each killed in a write: nothing is lost, nothing is left."""

from __future__ import annotations

import subprocess

from places import USER
from volume import Volume

# In a pid namespace of its own every program has the pid that it had in the life before.
LIFE = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "setpriv", f"--reuid={USER}", f"--regid={USER}",
        "--clear-groups")


def live(volume: Volume, *words: str, killed_at: int | None = None) -> subprocess.CompletedProcess[str]:
    """One life; `killed_at`: killed in front of this rename, so that its temporary file stays."""
    inject = "signal=none" if killed_at is None else f"renameat,rename:signal=KILL:when={killed_at}"
    strace = ("strace", "-f", "-qqq", "-o", "/dev/null", "-e", "trace=renameat,rename",
              *(() if killed_at is None else ("-e", f"inject={inject}")))
    return volume.run(*words, before=(*LIFE, *strace), user=0)


def leftovers(volume: Volume) -> list[str]:
    return sorted(str(path.relative_to(volume.home)) for path in volume.home.rglob(".*.tmp-*"))


def test_lives_with_the_same_pid_lose_nothing_and_leave_nothing(volume: Volume) -> None:
    volume.profile("a")
    run = ("-p", "a", "run", "--ready-after", "0", "--", "true")
    left = set()
    for killed_at in range(1, 7):
        done = live(volume, *run, killed_at=killed_at)
        assert "File exists" not in done.stderr, done.stderr
        left |= set(leftovers(volume))
    assert len(left) >= 5
    done = live(volume, "-q", *run)
    assert (done.returncode, done.stderr) == (0, "")
    assert volume.lifecycle("a")["phase"] == "exited" and volume.lifecycle("a")["clean"] is True
    assert leftovers(volume) == []


def test_a_boot_pass_clears_what_killed_ones_have_left(volume: Volume) -> None:
    volume.profile("a", {"desired_state": "stopped", "desired_generation": 1},
                   intent={"desired_state": "running", "generation": 2})
    volume.write(volume.directory("a") / "state/.gateway.deaths.json.tmp-17-1", "half")
    for _ in range(3):
        live(volume, "reconcile", killed_at=1)
    assert leftovers(volume)
    done = live(volume, "reconcile")
    assert (done.returncode, done.stderr) == (0, "")
    assert leftovers(volume) == []
    assert volume.plan()["changes"] is False
    assert volume.slots() == {"a": "up", "default": "down"}
