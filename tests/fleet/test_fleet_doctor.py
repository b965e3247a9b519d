"""doctor in a member of a fleet: etcd, certificates, clocks, the member's lease."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from time import time
from typing import Any

import pytest
from etcd_cluster import EtcdCluster, make_certificates, say, scripted_etcd
from places import BUILD, PATH

PREFIX = "/gatewayctl/doctor"
HEADER = {"revision": "7"}


class Patient:
    """A machine whose configuration names the fleet. Its member is put into etcd by hand."""

    def __init__(self, home: Path) -> None:
        self.home = home
        (home / "profiles").mkdir(parents=True)

    def configure(self, endpoints: list[str], **more: object) -> None:
        (self.home / "gatewayctl.yaml").write_text(json.dumps({"drain_timeout": 5, "fleet": {
            "prefix": PREFIX, "endpoints": endpoints, **more}}))

    def ctl(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": PATH, "HERMES_HOME": str(self.home), "GATEWAYCTL_USER": "root", "GATEWAYCTL_MEMBER": "one", **more}
        return subprocess.run([str(BUILD / "gatewayctl"), *words], env=environment, capture_output=True, text=True, check=False,
                              timeout=120)

    def findings(self, *words: str) -> list[tuple[str, str]]:
        [fleet] = [one for one in json.loads(self.ctl("--json", *words).stdout)["sections"] if one["name"] == "fleet"]
        return [(one["code"], one["subject"] or "") for one in fleet["findings"]]


@pytest.fixture
def patient(tmp_path: Path, cluster: EtcdCluster) -> Iterator[Patient]:
    yield Patient(tmp_path / "home")
    cluster.ctl("del", "--prefix", f"{PREFIX}/")


def join(cluster: EtcdCluster, name: str) -> None:
    lease = cluster.ctl("lease", "grant", "600").split()[1]
    cluster.ctl("put", f"--lease={lease}", f"{PREFIX}/members/{name}", "{}")


def test_a_fleet_that_is_well_has_no_finding_and_says_what_was_seen(patient: Patient, cluster: EtcdCluster) -> None:
    patient.configure(cluster.endpoints)
    join(cluster, "one")
    done = patient.ctl("fleet", "doctor")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("fleet\n") and done.stdout.count("etcd 3.") == 3 and "member: one" in done.stdout
    assert "error" not in done.stdout and "warning" not in done.stdout


def test_doctor_has_the_fleet_as_its_last_section(patient: Patient, cluster: EtcdCluster) -> None:
    patient.configure(cluster.endpoints)
    assert patient.findings("doctor") == patient.findings("fleet", "doctor") == [("no-member", "one")]
    assert [one["name"] for one in json.loads(patient.ctl("--json", "doctor").stdout)["sections"]][-1] == "fleet"
    assert patient.ctl("fleet", "doctor").returncode == 1


def test_a_member_of_etcd_that_is_away_is_named(patient: Patient, cluster: EtcdCluster) -> None:
    away = "http://127.0.0.1:1"
    patient.configure([*cluster.endpoints, away])
    join(cluster, "one")
    assert patient.findings("fleet", "doctor") == [("endpoint-away", away)]
    assert patient.ctl("fleet", "doctor").returncode == 2
    patient.configure([away])
    assert ("fleet-away", "") in patient.findings("fleet", "doctor", "--timeout", "1")


def test_a_certificate_that_ends_soon_and_one_that_is_none_are_named(patient: Patient, tmp_path: Path) -> None:
    certificates = tmp_path / "certificates"
    make_certificates(certificates)  # for two days
    tls = {name: f"{certificates}/{file}" for name, file in (("ca", "ca.pem"), ("cert", "client.pem"), ("key", "client-key.pem"))}
    with EtcdCluster(tmp_path / "etcd", 1, certificates) as cluster:
        patient.configure(cluster.endpoints, tls=tls)
        join(cluster, "one")
        assert patient.findings("fleet", "doctor") == [("certificate-ends", tls["ca"]), ("certificate-ends", tls["cert"])]
        Path(tls["cert"]).write_text("none\n")
        assert patient.findings("fleet", "doctor")[0] == ("fleet-away", "")
        assert ("certificate-ends", tls["cert"]) in patient.findings("fleet", "doctor")
        assert f"openssl x509 -noout -subject -dates -in {tls['cert']}" in patient.ctl("fleet", "doctor").stdout


def test_a_clock_that_differs_and_an_alarm_are_told_of_the_one_that_says_so(patient: Patient) -> None:
    ahead = {"seconds": 0}

    def answer(handler: BaseHTTPRequestHandler, path: str, _body: dict[str, Any]) -> None:
        handler.date_time_string = lambda *_: formatdate(time() + ahead["seconds"], usegmt=True)  # type: ignore[method-assign]
        is_status = path == "/v3/maintenance/status"
        errors = ["memberID:1 alarm:NOSPACE "] if is_status and ahead["seconds"] == 0 else []
        say(handler, json.dumps({"header": HEADER, **({"version": "3.4.23", "leader": "1", "errors": errors} if is_status else {})}).encode())

    with scripted_etcd(answer) as endpoint:
        patient.configure([endpoint])
        assert patient.findings("fleet", "doctor") == [("endpoint-unwell", endpoint), ("no-member", "one")]
        ahead["seconds"] = -3600
        assert patient.findings("fleet", "doctor") == [("no-member", "one"), ("clocks-differ", endpoint)]
        # A second is the finest that it says.
        assert re.search(r"is (3599|360[01]) s behind this machine's", patient.ctl("fleet", "doctor").stdout)


def test_a_lease_that_leaves_less_than_a_drain_is_a_note(patient: Patient, cluster: EtcdCluster) -> None:
    patient.configure(cluster.endpoints, ttl=10)
    join(cluster, "one")
    done = patient.ctl("fleet", "doctor")
    assert done.returncode == 0 and "note: a gateway here has 2 s for its drain" in done.stdout


@pytest.mark.parametrize(("capacity", "said"), [("7", 7), ("0", None), ("much", None)])
def test_the_capacity_of_a_member_can_be_a_variable(patient: Patient, cluster: EtcdCluster, capacity: str, said: int | None) -> None:
    patient.configure(cluster.endpoints, capacity=3)
    done = patient.ctl("fleet", "doctor", GATEWAYCTL_CAPACITY=capacity)
    assert (f"GATEWAYCTL_CAPACITY '{capacity}' must be a whole number above 0" in done.stdout) == (said is None)


def test_where_there_is_no_fleet_that_is_said(patient: Patient) -> None:
    done = patient.ctl("fleet", "doctor")
    assert done.returncode == 78 and "belongs to no fleet" in done.stderr
    assert [one["name"] for one in json.loads(patient.ctl("--json", "doctor").stdout)["sections"]] == [
        "machine", "volume", "profiles", "times"]


def test_a_program_that_is_not_there_is_a_finding_of_doctor(patient: Patient, cluster: EtcdCluster, tmp_path: Path) -> None:
    patient.configure(cluster.endpoints)
    alone = tmp_path / "gatewayctl"
    alone.write_bytes((BUILD / "gatewayctl").read_bytes())
    alone.chmod(0o755)
    done = subprocess.run([str(alone), "--json", "doctor"], env={"PATH": "/usr/bin:/bin", "HERMES_HOME": str(patient.home),
                                                                 "GATEWAYCTL_USER": "root"},
                          capture_output=True, text=True, check=False, timeout=120)
    [finding] = json.loads(done.stdout)["sections"][-1]["findings"]
    assert (finding["code"], finding["what"]) == ("missing-tool", "the fleet cannot be looked at")
