"""The recipes of packaging/. No container engine and no cluster is here: what can be held to the program is."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from places import GATEWAYCTL, REPOSITORY
from test_reference import unknown_words

PACKAGING = REPOSITORY / "packaging"
KILL_AFTER_S = 90  # max(60, drain) + 30, of docs/configuration.md


def dockerfiles() -> list[Path]:
    return sorted(PACKAGING.glob("*.Dockerfile"))


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((PACKAGING / name).read_text()))


def test_the_example_configuration_is_understood() -> None:
    done = subprocess.run([GATEWAYCTL, "config", "check", PACKAGING / "gatewayctl.yaml"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("dockerfile", dockerfiles(), ids=lambda path: path.name)
def test_a_dockerfile_is_whole(dockerfile: Path) -> None:
    text = dockerfile.read_text()
    words = [line.split()[0] for line in re.sub(r"\\\n", "", text).splitlines() if line and not line.startswith("#")]
    assert set(words) <= {"FROM", "ARG", "RUN", "ADD", "COPY", "ENV", "VOLUME", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
    assert 'CMD ["gatewayctl", "health"]' in text
    assert "gatewayctl config check /etc/gatewayctl.yaml" in text
    for copied in re.findall(r"^COPY (\S+)", text, re.MULTILINE):
        assert (PACKAGING / copied).exists()
    for line in re.findall(r"\[\"gatewayctl\", (.*?)\]", text):
        assert unknown_words(re.findall(r'"([^"]+)"', line)) == []


def test_compose_gives_a_drain_its_time() -> None:
    [compose] = documents("compose.yaml")
    service = compose["services"]["gateways"]
    assert int(service["stop_grace_period"].removesuffix("s")) > KILL_AFTER_S
    assert service["healthcheck"]["test"] == ["CMD", "gatewayctl", "health"]
    assert (PACKAGING / service["build"]["dockerfile"]).exists()
    assert {mount.partition(":")[0] for mount in service["volumes"]} == set(compose["volumes"])


def test_kubernetes_runs_it_as_the_owner_of_its_volume() -> None:
    stateful, service = documents("kubernetes.yaml")
    pod = stateful["spec"]["template"]["spec"]
    [container] = pod["containers"]
    assert pod["terminationGracePeriodSeconds"] > KILL_AFTER_S
    assert pod["securityContext"]["fsGroup"] == pod["securityContext"]["runAsUser"] == 10000
    assert container["securityContext"]["readOnlyRootFilesystem"]
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    provided = {volume["name"] for volume in pod["volumes"]} | {
        claim["metadata"]["name"] for claim in stateful["spec"]["volumeClaimTemplates"]}
    assert mounted == provided
    assert stateful["spec"]["replicas"] == 1
    assert stateful["spec"]["serviceName"] == service["metadata"]["name"]
    for probe in ("startupProbe", "readinessProbe"):
        assert container[probe]["exec"]["command"] == ["gatewayctl", "health"]
