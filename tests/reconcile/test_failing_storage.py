"""Storage that fails: full, read-only, a closed stdout."""

from __future__ import annotations

import json
import re
import subprocess

from places import USER
from volume import RUNNING, STOPPED, Volume, snapshot


def in_mount_namespace(volume: Volume, script: str) -> subprocess.CompletedProcess[str]:
    """A shell script as root in a mount namespace of its own; "$@" is reconcile as the user."""
    as_user = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
    places = {"home": str(volume.home), "scandir": str(volume.scandir), "root": str(volume.root)}
    return subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-euc", script, "sh", *as_user,
         *volume.argv("reconcile")],
        capture_output=True, text=True, timeout=60, **volume.options(user=0, env=places))


def test_a_read_only_volume_still_gets_its_slots(volume: Volume) -> None:
    volume.write(volume.profile("a", RUNNING) / "gateway.pid", "1")
    volume.profile("b", STOPPED)
    volume.profile("c", "bad/array.json")
    before = snapshot(volume.home)
    done = in_mount_namespace(
        volume, 'mount --bind "$home" "$home"; mount -o remount,ro,bind "$home"; exec "$@"')
    assert done.returncode == 1
    assert "Read-only file system" in done.stderr
    assert volume.slots() == {"a": "up", "b": "down", "c": "down", "default": "down"}
    assert snapshot(volume.home) == before
    assert re.search(r"^a +up +.* started$", done.stdout, re.M), done.stdout


FILL = 'dd if=/dev/zero of="$target/filler" bs=4k 2>/dev/null || true; dd if=/dev/zero of="$target/filler2" bs=1 count=1 2>/dev/null || true'


def test_a_full_volume_loses_no_state_and_still_gets_its_slots(volume: Volume) -> None:
    states = {
        "a": {"desired_state": "stopped", "gateway_state": "running"},
        "b": {"desired_state": "running", "desired_generation": 1},
    }
    intent = {"desired_state": "stopped", "generation": 2}
    volume.profile("a", states["a"])
    volume.profile("b", states["b"], intent=intent)
    done = in_mount_namespace(volume, f'''
        mkdir "$root/copy"; cp -a "$home/." "$root/copy/"; target=$home
        mount -t tmpfs -o size=256k,uid={USER},gid={USER},mode=755 full "$home"; cp -a "$root/copy/." "$home/"
        {FILL}
        code=0; "$@" || code=$?
        rm "$home"/filler*; cp -a "$home" "$root/after"; exit $code''')
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert volume.slots() == {"a": "down", "b": "down", "default": "down"}
    after = volume.root / "after/profiles"
    assert {name: json.loads((after / name / "gateway_state.json").read_text()) for name in states} == states
    assert json.loads((after / "b/.gateway-intent.json").read_text()) == intent
    assert not list(after.glob("*/.*tmp*"))


def test_a_full_scandir_shows_no_half_slot(volume: Volume) -> None:
    for index in range(20):
        volume.profile(f"p{index}", RUNNING)
    done = in_mount_namespace(volume, f'''
        mount -t tmpfs -o size=256k,uid={USER},gid={USER},mode=755 full "$scandir"
        code=0; "$@" || code=$?
        cp -a "$scandir" "$root/after"; exit $code''')
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    made = sorted((volume.root / "after").glob("gateway-*"))
    assert 0 < len(made) < 21
    assert not list((volume.root / "after").glob(".gateway-*.new"))
    volume.reconcile()
    for slot in made:
        whole = snapshot(volume.scandir / slot.name)
        assert {n: (e.mode, e.content) for n, e in snapshot(slot).items()} == {
            n: (e.mode, e.content) for n, e in whole.items()}


def test_a_closed_stdout_is_a_failure(volume: Volume) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(volume.argv("plan"), stdout=full, stderr=subprocess.PIPE, timeout=60, **volume.options())
    assert done.returncode == 1
