"""The client of etcd, through the verb that looks: real members of etcd, and a scripted one for what a real one never says."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from etcd_cluster import EtcdCluster, make_certificates, say, scripted_etcd
from places import BUILD, PATH
from poll import wait_until

PREFIX = "/gatewayctl/test"
USAGE, TIMED_OUT, NOT_PERMITTED, BAD_CONFIG = 64, 75, 77, 78


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("certificates") / "pem"
    make_certificates(made)
    return made


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, certificates: Path) -> Iterator[EtcdCluster]:
    with EtcdCluster(tmp_path_factory.mktemp("etcd") / "tls", size=1, certificates=certificates) as made:
        yield made


class Looker:
    """`gatewayctl fleet status` of a member that is configured so."""

    def __init__(self, tmp_path: Path) -> None:
        self.home = tmp_path / "home"
        self.home.mkdir()
        self.file = tmp_path / "gatewayctl.yaml"

    def look(self, *words: str, **fleet: Any) -> subprocess.CompletedProcess[str]:
        self.file.write_text(json.dumps({"fleet": {"prefix": PREFIX, **fleet}}))
        environment = {"PATH": PATH, "HERMES_HOME": str(self.home), "GATEWAYCTL_CONFIG": str(self.file), "GATEWAYCTL_USER": "root"}
        return subprocess.run([BUILD / "gatewayctl", "--json", "fleet", "status", *words], env=environment,
                              capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def looker(tmp_path: Path) -> Looker:
    return Looker(tmp_path)


def put_member(cluster: EtcdCluster, name: str) -> None:
    cluster.ctl("put", f"{PREFIX}/members/{name}", json.dumps({"host": "h", "since": "s", "capacity": 3}))


def members(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert done.stdout, done.stderr
    return [one["member"] for one in json.loads(done.stdout)["members"]]


# -- a cluster that works -----------------------------------------------------------------------------------------


def test_gatewayctl_becomes_the_program_beside_it(cluster: EtcdCluster, looker: Looker) -> None:
    put_member(cluster, "one")
    done = looker.look(endpoints=cluster.endpoints)
    assert members(done) == ["one"]
    assert json.loads(done.stdout)["members"][0]["capacity"] == 3
    assert done.returncode == 1  # nobody has the volume


def test_a_cordon_and_a_drain_show_at_the_member(cluster: EtcdCluster, looker: Looker) -> None:
    put_member(cluster, "one")
    for key, state in (("cordon", "cordoned"), ("drain", "draining")):
        cluster.ctl("put", f"{PREFIX}/{key}/one", "{}")
        states = {one["member"]: one["state"] for one in json.loads(looker.look(endpoints=cluster.endpoints).stdout)["members"]}
        assert states["one"] == state
    for key in ("cordon", "drain"):
        cluster.ctl("del", f"{PREFIX}/{key}/one")


def test_a_name_is_an_endpoint_too(cluster: EtcdCluster, looker: Looker) -> None:
    put_member(cluster, "one")
    assert "one" in members(looker.look(endpoints=[url.replace("127.0.0.1", "localhost") for url in cluster.endpoints]))


def test_more_keys_than_one_answer_holds_are_all_there(tmp_path: Path, cluster: EtcdCluster, looker: Looker) -> None:
    names = [f"m{number:04}" for number in range(2100)]
    puts = "".join(f"put {PREFIX}-many/members/{name} {{}}\n" for name in names)
    for begin in range(0, len(names), 100):
        part = "".join(puts.splitlines(keepends=True)[begin:begin + 100])
        subprocess.run(["etcdctl", "--endpoints", ",".join(cluster.endpoints), "txn"], input=f"\n{part}\n\n", text=True, check=True,
                       env={**os.environ, "ETCDCTL_API": "3"}, capture_output=True, timeout=120)
    assert members(looker.look(endpoints=cluster.endpoints, prefix=f"{PREFIX}-many")) == names


@pytest.mark.parametrize("break_it", ["kill", "freeze"])
def test_a_member_of_etcd_that_is_gone_or_frozen_is_passed_over(break_it: str, cluster: EtcdCluster, looker: Looker) -> None:
    put_member(cluster, "one")
    leader = cluster.leader()
    getattr(cluster, break_it)(leader)
    try:
        for _ in range(3):  # whichever endpoint is asked first
            wait_until(lambda: looker.look(endpoints=cluster.endpoints).stdout, 60, "an answer of those that are left")
        # Alone it answers nothing, and that is said within the time.
        begin = time.monotonic()
        done = looker.look("--timeout", "1", endpoints=[cluster.endpoints[leader]])
        assert done.returncode != 0 and cluster.endpoints[leader] in done.stderr
        assert time.monotonic() - begin < 60
    finally:
        cluster.thaw(leader) if break_it == "freeze" else cluster.start(leader)
        cluster.wait_healthy()


# -- who may ask --------------------------------------------------------------------------------------------------


def tls(certificates: Path, client: str = "client", ca: str = "ca") -> dict[str, str]:
    return {"ca": f"{certificates}/{ca}.pem", "cert": f"{certificates}/{client}.pem", "key": f"{certificates}/{client}-key.pem"}


def test_tls_with_a_clients_certificate(guarded: EtcdCluster, certificates: Path, looker: Looker) -> None:
    put_member(guarded, "one")
    assert members(looker.look(endpoints=guarded.endpoints, tls=tls(certificates))) == ["one"]


@pytest.mark.parametrize(("files", "said"), [
    ({"ca": "other"}, "certificate verify failed"),  # an etcd that somebody else has signed
    ({"client": "stranger"}, "etcd at https://"),    # a client that etcd does not know
])
def test_who_is_not_known_is_told_so(files: dict[str, str], said: str, guarded: EtcdCluster, certificates: Path,
                                     looker: Looker) -> None:
    done = looker.look("--timeout", "2", endpoints=guarded.endpoints, tls=tls(certificates, **files))
    assert done.returncode != 0 and said in done.stderr


def test_the_name_in_a_certificate_must_be_that_of_the_endpoint(guarded: EtcdCluster, certificates: Path, looker: Looker) -> None:
    by_other_name = [url.replace("127.0.0.1", "127.0.0.2") for url in guarded.endpoints]
    done = looker.look("--timeout", "2", endpoints=by_other_name, tls=tls(certificates))
    assert done.returncode != 0 and not done.stdout


def test_a_certificate_that_is_not_there_is_a_fault_of_the_configuration(guarded: EtcdCluster, certificates: Path,
                                                                         looker: Looker) -> None:
    done = looker.look(endpoints=guarded.endpoints, tls={**tls(certificates), "cert": f"{certificates}/absent.pem"})
    assert done.returncode == BAD_CONFIG and "absent.pem" in done.stderr


@pytest.fixture
def with_users(tmp_path: Path) -> Iterator[EtcdCluster]:
    with EtcdCluster(tmp_path / "etcd", size=1) as made:
        put_member(made, "one")
        made.ctl("user", "add", "root:rootword")
        made.ctl("user", "grant-role", "root", "root")
        made.ctl("role", "add", "fleet")
        made.ctl("role", "grant-permission", "fleet", "readwrite", "--prefix=true", f"{PREFIX}/")
        made.ctl("user", "add", "mail:secret")
        made.ctl("user", "grant-role", "mail", "fleet")
        made.ctl("auth", "enable")
        yield made


def test_user_and_password(with_users: EtcdCluster, looker: Looker, tmp_path: Path) -> None:
    word = tmp_path / "password"
    word.write_text("secret\n")
    user = {"endpoints": with_users.endpoints, "user": "mail", "password_file": str(word)}
    assert members(looker.look(**user)) == ["one"]
    word.write_text("wrong")
    done = looker.look(**user)
    assert done.returncode != 0 and "cannot log in as mail" in done.stderr and "wrong" not in done.stderr
    word.unlink()
    assert looker.look(**user).returncode == BAD_CONFIG
    word.write_text("secret")
    done = looker.look(**user, prefix="/elsewhere")
    assert done.returncode == NOT_PERMITTED and "permission denied" in done.stderr


# -- an etcd that says what it should not -------------------------------------------------------------------------


HEADER = {"revision": "7"}
MALFORMED: dict[str, bytes] = {
    "empty": b"",
    "no JSON": b"<html>proxy</html>",
    "a list": b"[]",
    "cut": b'{"header": {"revision": "7"}, "kvs": [',
    "no header": b"{}",
    "a revision that is none": b'{"header": {"revision": "x"}}',
    "a negative revision": b'{"header": {"revision": "-1"}}',
    "keys that are no list": json.dumps({"header": HEADER, "kvs": {}}).encode(),
    "a key that is no object": json.dumps({"header": HEADER, "kvs": [7]}).encode(),
    "a key that is no base64": json.dumps({"header": HEADER, "kvs": [{"key": "*", "mod_revision": "1"}]}).encode(),
    "a number beyond 64 bits": json.dumps({"header": HEADER, "kvs": [{"key": "YQ==", "mod_revision": "9" * 30}]}).encode(),
    "too deep": b'{"header":' + b"[" * 500 + b"]" * 500 + b"}",
    "too large": b'{"header": "' + b"x" * 2_000_000 + b'"}',
    "not UTF-8": b'{"header": "\xff"}',
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_answer_is_an_error(body: bytes, looker: Looker) -> None:
    with scripted_etcd(lambda handler, _path, _body: say(handler, body)) as endpoint:
        done = looker.look("--timeout", "1", endpoints=[endpoint])
    assert done.returncode == 1 and not done.stdout
    assert "cannot look at the fleet" in done.stderr


def test_an_answer_that_comes_late_is_no_answer(looker: Looker) -> None:
    def late(handler: BaseHTTPRequestHandler, _path: str, _body: dict[str, Any]) -> None:
        handler.ended.wait(120)  # type: ignore[attr-defined]
        handler.close_connection = True

    with scripted_etcd(late) as endpoint:
        done = looker.look("--timeout", "1", endpoints=[endpoint])
    assert done.returncode == TIMED_OUT and "no answer in time" in done.stderr and endpoint in done.stderr


def test_who_hangs_up_is_asked_again(looker: Looker) -> None:
    """One connection is lost in the middle of an answer; the next one gets it whole."""
    asked = []

    def answer(handler: BaseHTTPRequestHandler, path: str, _body: dict[str, Any]) -> None:
        asked.append(path)
        if len(asked) == 1:
            handler.send_response(200)
            handler.send_header("Content-Length", "1000")
            handler.end_headers()
            handler.wfile.write(b"{")
            handler.close_connection = True
        else:
            say(handler, json.dumps({"header": HEADER}).encode())

    with scripted_etcd(answer) as endpoint:
        done = looker.look("--timeout", "20", endpoints=[endpoint])
    assert len(asked) == 2 and json.loads(done.stdout)["members"] == []


@pytest.mark.parametrize(("code", "status"), [(14, 503), (8, 429), (4, 504)])
def test_what_passes_is_tried_again(code: int, status: int, looker: Looker) -> None:
    """No leader, too many requests, a request that etcd itself has given up."""
    asked = []

    def answer(handler: BaseHTTPRequestHandler, path: str, _body: dict[str, Any]) -> None:
        asked.append(path)
        refusal = {"error": "etcdserver: no", "message": "etcdserver: no", "code": code}
        say(handler, json.dumps(refusal if len(asked) == 1 else {"header": HEADER}).encode(), status if len(asked) == 1 else 200)

    with scripted_etcd(answer) as endpoint:
        done = looker.look("--timeout", "20", endpoints=[endpoint])
    assert len(asked) == 2 and done.stdout


def test_what_does_not_pass_is_not_tried_again(looker: Looker) -> None:
    asked = []

    def answer(handler: BaseHTTPRequestHandler, path: str, _body: dict[str, Any]) -> None:
        asked.append(path)
        say(handler, b'{"error": "etcdserver: permission denied", "message": "etcdserver: permission denied", "code": 7}', 403)

    with scripted_etcd(answer) as endpoint:
        done = looker.look("--timeout", "20", endpoints=[endpoint])
    assert done.returncode == NOT_PERMITTED and len(asked) == 1 and "permission denied" in done.stderr


# -- the configuration --------------------------------------------------------------------------------------------


def test_without_a_fleet_there_is_nothing_to_ask(looker: Looker) -> None:
    looker.file.write_text("{}")
    done = subprocess.run([BUILD / "gatewayctl", "fleet", "status"], capture_output=True, text=True, check=False, timeout=120,
                          env={"PATH": PATH, "HERMES_HOME": str(looker.home), "GATEWAYCTL_CONFIG": str(looker.file),
                               "GATEWAYCTL_USER": "root"})
    assert done.returncode == BAD_CONFIG and "no fleet" in done.stderr


@pytest.mark.parametrize("wrong", [
    {"endpoints": []}, {"endpoints": ["etcd-1:2379"]}, {"endpoints": ["http://h:0"]}, {"prefix": "x"}, {"prefix": "/x/"},
    {"ttl": 1}, {"ttl": "soon"}, {"spread": "both"}, {"capacity": 0}, {"user": "mail"}, {"tls": {"cert": "x"}}, {"tsl": {}},
    {"tls": {"ca": "/x"}},
], ids=str)
def test_a_fleet_that_is_misunderstood_is_used_for_nothing(wrong: dict[str, Any], looker: Looker) -> None:
    done = looker.look(**{"endpoints": ["http://127.0.0.1:1"], **wrong})
    assert done.returncode == BAD_CONFIG and "fleet" in done.stderr


def test_where_gatewayctl_fleet_is_not_installed_it_is_said_how(tmp_path: Path) -> None:
    alone = tmp_path / "gatewayctl"
    alone.write_bytes((BUILD / "gatewayctl").read_bytes())
    alone.chmod(0o755)
    done = subprocess.run([alone, "fleet", "status"], capture_output=True, text=True, check=False, timeout=120, env={"PATH": PATH})
    assert done.returncode == BAD_CONFIG and "install gatewayctl-fleet" in done.stderr


def test_the_program_that_boots_has_no_tls_in_it() -> None:
    strings = (BUILD / "gatewayctl").read_bytes()
    assert b"OpenSSL" not in strings and b"lease/keepalive" not in strings
