"""Real members of etcd on free ports of the loopback, and one that answers by a script for what a real one never says."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from poll import wait_until

LONG = 120


def free_ports(count: int) -> list[int]:
    """Nobody listens there now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _openssl(*words: str, cwd: Path) -> None:
    subprocess.run(["openssl", *words], cwd=cwd, check=True, capture_output=True, timeout=LONG)


def make_certificates(directory: Path) -> None:
    """ca.pem; server, client, and a client of another authority: NAME.pem and NAME-key.pem, readable to everybody."""
    directory.mkdir(parents=True)
    for authority in ("ca", "other"):
        _openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={authority}",
                 "-keyout", f"{authority}-key.pem", "-out", f"{authority}.pem", cwd=directory)
    for name, authority in (("server", "ca"), ("client", "ca"), ("stranger", "other")):
        _openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", f"{name}-key.pem",
                 "-out", f"{name}.csr", cwd=directory)
        (directory / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        _openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}-key.pem",
                 "-CAcreateserial", "-days", "2", "-extfile", "names", "-out", f"{name}.pem", cwd=directory)
    for file in directory.iterdir():
        file.chmod(0o644)


class EtcdCluster:
    """Members 0, 1, … of one cluster; leaving the context kills them."""

    def __init__(self, directory: Path, size: int = 3, certificates: Path | None = None) -> None:
        self.directory = directory
        self.size = size
        self.certificates = certificates
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._ports: list[int] = []

    def __enter__(self) -> Self:
        self.directory.mkdir(parents=True)
        for attempt in range(5):
            # Somebody else may have taken one of the ports in between.
            self._ports = free_ports(2 * self.size)
            self._data = self.directory / f"data-{attempt}"
            self._data.mkdir()
            for member in range(self.size):
                self.start(member)
            try:
                self.wait_healthy()
            except ChildProcessError:
                self.close()
                continue
            return self
        raise AssertionError(f"etcd does not start: {(self.directory / 'log-0').read_text()[-2000:]}")

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for member in list(self._processes):
            self.kill(member)

    @property
    def scheme(self) -> str:
        return "https" if self.certificates else "http"

    @property
    def endpoints(self) -> list[str]:
        return [f"{self.scheme}://127.0.0.1:{port}" for port in self._ports[: self.size]]

    def start(self, member: int) -> None:
        peers = [f"http://127.0.0.1:{port}" for port in self._ports[self.size:]]
        tls = []
        if self.certificates:
            tls = ["--cert-file", f"{self.certificates}/server.pem", "--key-file", f"{self.certificates}/server-key.pem",
                   "--client-cert-auth", "--trusted-ca-file", f"{self.certificates}/ca.pem"]
        with (self.directory / f"log-{member}").open("ab") as log:
            self._processes[member] = subprocess.Popen(
                ["etcd", "--name", f"m{member}", "--data-dir", self._data / f"m{member}",
                 "--listen-client-urls", self.endpoints[member], "--advertise-client-urls", self.endpoints[member],
                 "--listen-peer-urls", peers[member], "--initial-advertise-peer-urls", peers[member],
                 "--initial-cluster", ",".join(f"m{i}={url}" for i, url in enumerate(peers)),
                 "--logger", "zap", "--log-level", "warn", *tls],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self, member: int) -> None:
        process = self._processes.pop(member)
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait(LONG)

    def freeze(self, member: int) -> None:
        self._processes[member].send_signal(signal.SIGSTOP)

    def thaw(self, member: int) -> None:
        self._processes[member].send_signal(signal.SIGCONT)

    def ctl(self, *words: str, user: str = "", check: bool = True) -> str:
        """etcdctl, by the members that run."""
        tls = []
        if self.certificates:
            tls = ["--cacert", f"{self.certificates}/ca.pem", "--cert", f"{self.certificates}/client.pem",
                   "--key", f"{self.certificates}/client-key.pem"]
        alive = ",".join(self.endpoints[member] for member in sorted(self._processes))
        done = subprocess.run(["etcdctl", "--endpoints", alive, *tls, *(["--user", user] if user else []), *words],
                              env={**os.environ, "ETCDCTL_API": "3"}, capture_output=True, text=True, check=False, timeout=LONG)
        assert done.returncode == 0 or not check, done.stderr
        return done.stdout

    def wait_healthy(self) -> None:
        """Each that was started takes part in the cluster, and it has a leader."""

        def healthy() -> bool:
            for member, process in self._processes.items():
                if process.poll() is not None:
                    raise ChildProcessError(f"etcd {member} has ended")
            statuses = json.loads(self.ctl("endpoint", "status", "-w", "json", check=False) or "[]")
            return len(statuses) == len(self._processes) and all(one["Status"].get("leader") for one in statuses)

        wait_until(healthy, 60, "a healthy etcd")

    def leader(self) -> int:
        """Who leads; asked of all that run."""

        def found() -> list[int]:
            statuses = json.loads(self.ctl("endpoint", "status", "-w", "json", check=False) or "[]")
            leaders = {one["Endpoint"] for one in statuses if one["Status"]["leader"] == one["Status"]["header"]["member_id"]}
            return [member for member, url in enumerate(self.endpoints) if url in leaders]

        return wait_until(found, 60, "a leader")[0]

    def keys(self, prefix: str) -> dict[str, str]:
        answer = json.loads(self.ctl("get", "--prefix", prefix, "-w", "json"))
        return {base64.b64decode(one["key"]).decode(): base64.b64decode(one.get("value", "")).decode()
                for one in answer.get("kvs", [])}


Answer = Callable[[BaseHTTPRequestHandler, str, dict[str, Any]], None]


@contextlib.contextmanager
def scripted_etcd(answer: Answer) -> Iterator[str]:
    """A server that does with each request what `answer` does; its endpoint."""
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:  # noqa: N802
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.ended = ended
            answer(self, self.path, json.loads(body))

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


def say(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)

