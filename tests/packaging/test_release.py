"""The artefacts of a release: what is in them, that they are the same bytes each time, and that an image starts from them alone."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
from pathlib import Path

import pytest
from box import Box, Tree
from places import BUILD, REPOSITORY, USER
from two_boots import a_volume, as_the_kubelet_leaves_it, use

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("packaging")]


def only(directory: Path, pattern: str) -> Path:
    [found] = directory.glob(pattern)
    return found


def test_what_is_packed_twice_is_the_same_to_the_byte(release: Path, tmp_path: Path) -> None:
    subprocess.run([REPOSITORY / "dev/release", "--from", BUILD, tmp_path / "elsewhere/again"], check=True, timeout=300,
                   env={"PATH": "/usr/bin:/bin", "TZ": "Asia/Tokyo", "LC_ALL": "C", "HOME": "/nonexistent"}, umask=0o077)
    names = sorted(path.name for path in release.iterdir())
    assert len(names) == 7
    for name in names:
        assert (release / name).read_bytes() == (tmp_path / "elsewhere/again" / name).read_bytes(), name


def test_the_checksums_are_those_of_the_artefacts(release: Path) -> None:
    lines = dict(reversed(line.split("  ")) for line in (release / "SHA256SUMS").read_text().splitlines())
    assert set(lines) == {path.name for path in release.iterdir()} - {"SHA256SUMS"}
    for name, digest in lines.items():
        assert hashlib.sha256((release / name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("program", ["gatewayctl", "gatewayctl-fleet"])
def test_the_binaries_are_static_and_stripped(release: Path, tmp_path: Path, program: str) -> None:
    archive = only(release, {"gatewayctl": "*-plain.tar.gz", "gatewayctl-fleet": "gatewayctl-fleet-*.tar.gz"}[program])
    binary = unpacked(archive, tmp_path / "files") / "usr/local/bin" / program
    headers = subprocess.run(["readelf", "-lS", "-W", binary], capture_output=True, text=True, check=True).stdout
    assert "INTERP" not in headers
    assert ".debug_info" not in headers
    assert ".symtab" not in headers


@pytest.mark.parametrize(("program", "has_tls"), [("gatewayctl", False), ("gatewayctl-fleet", True)])
def test_the_bill_of_materials_names_what_is_linked_in(release: Path, program: str, has_tls: bool) -> None:
    document = json.loads(only(release, f"{program}-[0-9]*.spdx.json").read_bytes())
    assert document["spdxVersion"] == "SPDX-2.3"
    packages = {package["name"]: package for package in document["packages"]}
    assert ("libssl-dev" in packages) == has_tls
    assert {program, "libboost1.81-dev", "libboost-filesystem1.81-dev", "libcli11-dev", "libfmt-dev", "libspdlog-dev", "libc6-dev",
            "libstdc++-12-dev", "libyaml-cpp-dev", "libmbedtls-dev", "nlohmann-json3-dev"} <= set(packages)
    assert "doctest-dev" not in packages, "only the tests use it"
    version = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "libfmt-dev"], capture_output=True, text=True, check=True).stdout
    assert packages["libfmt-dev"]["versionInfo"] == version
    identifiers = {package["SPDXID"] for package in document["packages"]} | {"SPDXRef-DOCUMENT"}
    for relation in document["relationships"]:
        assert {relation["spdxElementId"], relation["relatedSpdxElement"]} <= identifiers


def test_an_archive_has_what_the_sources_have_and_belongs_to_root(release: Path) -> None:
    with tarfile.open(only(release, "*-s6-overlay.tar.gz")) as archive:
        members = {member.name: member for member in archive.getmembers()}
    sources = {f"etc/{hook}/{path.name}" for hook in ("cont-init.d", "cont-finish.d") for path in (REPOSITORY / hook).iterdir()}
    sources |= {f"etc/s6-overlay/{path.relative_to(REPOSITORY)}" for path in (REPOSITORY / "s6-rc.d").rglob("*") if path.is_file()}
    assert set(members) == sources | {"usr/local/bin/gatewayctl", "usr/local/share/doc/gatewayctl/LICENSE"}
    for name, member in members.items():
        assert (member.uid, member.gid) == (0, 0)
        assert member.mode == (0o755 if "/bin/" in name or "/cont-" in name or name.endswith(("/run", "/finish")) else 0o644), name


def unpacked(archive: Path, to: Path) -> Path:
    to.mkdir()
    with tarfile.open(archive) as tar:
        tar.extractall(to)
    return to


def an_image(release: Path, tmp_path: Path, kind: str) -> dict[str, Path | str | bytes]:
    """What is laid over a bare Debian: an archive, and a configuration."""
    files = unpacked(only(release, f"*-{kind}.tar.gz"), tmp_path / "files")
    command = json.dumps(["gatewayctl", "run", "--replace", "--ready-after", "50", "--", "sleep", "infinity"])
    overlay: dict[str, Path | str | bytes] = {
        "/usr": files / "usr", "/etc/gatewayctl.yaml": f'command: {command}\ndefault_command: {command}\n'}
    return overlay | ({"/etc": files / "etc"} if kind == "s6-overlay" else {})


@pytest.mark.parametrize(("kind", "tree", "uid"), [("plain", Tree.ENTRY_POINT, 0), ("plain", Tree.ENTRY_POINT, 10000),
                                                  ("s6-overlay", Tree.OWN, 0)])
def test_a_bare_debian_boots_from_the_archive_alone(bare_root: Path, release: Path, tmp_path: Path, kind: str, tree: Tree,
                                                    uid: int) -> None:
    home = a_volume(tmp_path)
    with Box(home.home, overlay=an_image(release, tmp_path, kind), tree=tree, uid=uid, base=bare_root, command=("sleep", "infinity")) as box:
        use(box)


def test_a_restricted_pod_boots_with_a_read_only_root_and_a_volume_of_its_group(bare_root: Path, release: Path, tmp_path: Path) -> None:
    """As packaging/kubernetes.yaml has it; the volume is as the kubelet leaves it: root's, of the group, set-group-ID."""
    home = a_volume(tmp_path)
    as_the_kubelet_leaves_it(home, USER)
    with Box(home.home, overlay=an_image(release, tmp_path, "plain"), tree=Tree.ENTRY_POINT, uid=USER, base=bare_root, pod=True) as box:
        use(box)
        assert box.run(["touch", "/usr/written"]).returncode != 0
        assert "Read-only" in box.run(["touch", "/etc/written"]).stderr
