"""The Dockerfiles of packaging/, built by buildah from the artefacts of a release, and run by runc as compose file and StatefulSet say.

Two things are not here: an engine's pull, so that a bare Debian stands under the name of `FROM debian:bookworm-slim`; and the
archives of s6-overlay, which only its Dockerfile fetches: that one is read alone (test_images.py).
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from container_engine import USUAL_CAPABILITIES, Container, Engine, Images
from places import REPOSITORY, USER
from two_boots import a_volume, as_the_kubelet_leaves_it, use

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("recipes")]

PACKAGING = REPOSITORY / "packaging"
NOT_PERMITTED = 77
WITH_A_GATEWAY = "FROM gateways\nCOPY gateway.sh /usr/local/bin/my-gateway\n"


@pytest.fixture(scope="module")
def images(bare_root: Path, release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Images]:
    """`gateways` and `gateways-fleet` as the recipes make them, and `with-a-gateway` with a program in it."""
    base = tmp_path_factory.mktemp("base") / "root"
    subprocess.run(["cp", "-a", bare_root, base], check=True)
    for found in subprocess.run(["chroot", base, "dpkg-query", "-W", "-f", "${Package}\n", "*s6*", "*execline*"],
                                capture_output=True, text=True, check=False).stdout.split():
        subprocess.run(["chroot", base, "dpkg", "--purge", "--force-depends", found], check=True, capture_output=True)
    assert not (base / "usr/bin/s6-svscan").exists(), "the recipe installs it"
    context = tmp_path_factory.mktemp("context")
    for source in (*PACKAGING.iterdir(), *release.glob("*.tar.gz"), REPOSITORY / "examples/behind-run/gateway.sh"):
        shutil.copy2(source, context)
    (context / "with-a-gateway").write_text(WITH_A_GATEWAY)
    store = Images(tmp_path_factory.mktemp("images"))
    try:
        store.add(base, "docker.io/library/debian:bookworm-slim")
        shutil.rmtree(base)
        store.build(context, "debian.Dockerfile", "gateways")
        store.build(context, "fleet.Dockerfile", "gateways-fleet")
        store.build(context, "with-a-gateway", "with-a-gateway")
        yield store
    finally:
        store.close()


@pytest.mark.parametrize("name", ["gateways", "gateways-fleet"])
def test_an_image_has_what_its_recipe_says(images: Images, name: str) -> None:
    found = images.configuration(name)
    assert found["Entrypoint"] == ["gatewayctl", "tree"]
    assert found["Healthcheck"]["Test"] == ["CMD", "gatewayctl", "health"]
    assert "HERMES_HOME=/opt/data" in found["Env"]
    assert list(found["Volumes"]) == ["/opt/data"]


def as_compose() -> Engine:
    [service] = yaml.safe_load((PACKAGING / "compose.yaml").read_text())["services"].values()
    in_memory = [entry.partition(":") for entry in service["tmpfs"]]
    return Engine(capabilities=USUAL_CAPABILITIES, read_only=service["read_only"],
                  empty={path: 0o755 if "mode=755" in options else 0o1777 for path, _, options in in_memory})


def as_statefulset() -> Engine:
    stateful = next(iter(yaml.safe_load_all((PACKAGING / "kubernetes.yaml").read_text())))
    pod: dict[str, Any] = stateful["spec"]["template"]["spec"]
    [container] = pod["containers"]
    security = container["securityContext"]
    assert security["capabilities"] == {"drop": ["ALL"]}
    empty = {volume["name"] for volume in pod["volumes"] if "emptyDir" in volume}
    return Engine(uid=pod["securityContext"]["runAsUser"], read_only=security["readOnlyRootFilesystem"],
                  no_new_privileges=not security["allowPrivilegeEscalation"],
                  empty={mount["mountPath"]: 0o2777 for mount in container["volumeMounts"] if mount["name"] in empty})


def test_it_runs_as_compose_says(images: Images, tmp_path: Path) -> None:
    home = a_volume(tmp_path)
    with Container(images, "with-a-gateway", home.home, tmp_path / "engine", as_compose()) as container:
        use(container)
        assert "Read-only" in container.run(["touch", "/etc/written"]).stderr
        container.stop()
        assert "idle: finished" in container.console(), "each gateway had the time of its drain"


def test_it_runs_as_the_statefulset_says(images: Images, tmp_path: Path) -> None:
    home = a_volume(tmp_path)
    as_the_kubelet_leaves_it(home, USER)
    with Container(images, "with-a-gateway", home.home, tmp_path / "engine", as_statefulset()) as container:
        use(container)
        status = container.run(["sh", "-c", "grep -h -E '^(Uid|CapBnd|NoNewPrivs)' /proc/[0-9]*/status | sort -u"]).stdout
        assert status.split() == ["CapBnd:", "0" * 16, "NoNewPrivs:", "1", "Uid:", *[str(USER)] * 4]


def test_without_a_run_of_its_own_it_says_what_the_engine_has_to_be_told(images: Images, tmp_path: Path) -> None:
    home = a_volume(tmp_path)
    with Container(images, "with-a-gateway", home.home, tmp_path / "engine", Engine(uid=USER)) as container:
        container.begin()
        assert container.wait() == NOT_PERMITTED
        assert "cannot create directory /run/gatewayctl/service" in container.console()
        assert "--tmpfs /run:exec,mode=1777" in container.console()
