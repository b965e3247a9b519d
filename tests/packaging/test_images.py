"""The recipes of packaging/ as texts, held to the program; test_recipes.py builds and runs what can be."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from etcd_cluster import free_ports
from places import GATEWAYCTL, PATH, REPOSITORY
from poll import wait_until
from test_reference import unknown_words

PACKAGING = REPOSITORY / "packaging"
KILL_AFTER_S = 90  # max(60, drain) + 30, of docs/configuration.md


def dockerfiles() -> list[Path]:
    return sorted(PACKAGING.glob("*.Dockerfile"))


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((PACKAGING / name).read_text()))


@pytest.mark.parametrize("name", ["gatewayctl.yaml", "fleet.gatewayctl.yaml"])
def test_the_example_configuration_is_understood(name: str) -> None:
    done = subprocess.run([GATEWAYCTL, "config", "check", PACKAGING / name], capture_output=True, text=True, check=False)
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


def fleet_services(kind: str) -> dict[str, Any]:
    [compose] = documents("fleet.compose.yaml")
    assert {mount.partition(":")[0] for service in compose["services"].values() for mount in service["volumes"]} == set(compose["volumes"])
    return {name: service for name, service in compose["services"].items() if name.startswith(kind)}


def test_compose_has_members_of_one_fleet_under_names_of_their_own() -> None:
    members = fleet_services("member-")
    assert len(members) == 2
    for name, service in members.items():
        assert service["environment"]["GATEWAYCTL_MEMBER"] == service["hostname"] == name
        assert int(service["stop_grace_period"].removesuffix("s")) > KILL_AFTER_S
        assert (PACKAGING / service["build"]["dockerfile"]).exists()
    assert len({str(service["volumes"]) for service in members.values()}) == 1


def test_the_etcd_of_compose_becomes_one_cluster_that_the_members_reach(tmp_path: Path) -> None:
    """As it stands there, but for where it listens."""
    services = fleet_services("etcd-")
    ports = free_ports(2 * len(services))
    here: dict[str, str] = {}
    for index, name in enumerate(services):
        here |= {f"{name}:2379": f"127.0.0.1:{ports[2 * index]}", f"{name}:2380": f"127.0.0.1:{ports[2 * index + 1]}"}
    [configured] = documents("fleet.gatewayctl.yaml")
    assert configured["fleet"]["endpoints"] == [f"http://{name}:2379" for name in services]

    def placed(text: str, name: str) -> str:
        text = text.replace("0.0.0.0", name)
        for there, where in here.items():
            text = text.replace(there, where)
        return text.replace("/etcd-data", str(tmp_path / name))

    with contextlib.ExitStack() as stack:
        for name, service in services.items():
            process = subprocess.Popen([placed(word, name) for word in service["command"]],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            stack.callback(process.wait, 120)
            stack.callback(process.kill)
        (tmp_path / "gatewayctl.yaml").write_text(placed((PACKAGING / "fleet.gatewayctl.yaml").read_text(), "-"))
        environment = {"PATH": PATH, "HERMES_HOME": str(tmp_path), "GATEWAYCTL_USER": "root"}

        def status() -> dict[str, Any] | None:
            done = subprocess.run([GATEWAYCTL, "--json", "fleet", "status"], env=environment, capture_output=True, text=True,
                                  check=False, timeout=120)
            return json.loads(done.stdout) if done.stdout else None

        assert wait_until(status, 60, "an answer of etcd")["members"] == []


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
    probes = {key: value["exec"]["command"] for key, value in container.items() if key.endswith("Probe")}
    assert probes == {"readinessProbe": ["gatewayctl", "health"]}, "any other one kills what fails it"
