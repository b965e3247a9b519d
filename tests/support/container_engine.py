"""Images and containers as an engine has them, without one: buildah builds from a Dockerfile, runc runs what it has built.

    images = Images(directory)
    images.add(bare_root, "docker.io/library/debian:bookworm-slim")   # what FROM finds; nothing is pulled
    images.build(context, "debian.Dockerfile", "gateways")
    with Container(images, "gateways", volume, scratch, as_compose()) as container:
        container.start()
        container.run(["gatewayctl", "health"])
        container.stop()

A container has network, pid, mount, uts and ipc namespaces of its own, and the capabilities that an engine leaves root.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from poll import wait_until

# What Docker and containerd leave to root.
USUAL_CAPABILITIES = ["CAP_" + name for name in (
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETGID",
    "SETPCAP", "SETUID", "SYS_CHROOT")]


def tool(*words: str | Path, timeout: float = 600, **options: Any) -> str:
    done = subprocess.run(words, text=True, capture_output=True, check=False, timeout=timeout, stdin=subprocess.DEVNULL, **options)
    assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
    return done.stdout


class Images:
    """A store of images; `close` removes it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def buildah(self, *words: str | Path, **options: Any) -> str:
        return tool("buildah", "--root", self.directory / "store", "--runroot", self.directory / "run", "--storage-driver", "vfs",
                    *words, env=os.environ | {"BUILDAH_ISOLATION": "chroot"}, **options)

    def add(self, root: Path, name: str) -> None:
        """An image of a root file system, under the name by which FROM finds it."""
        container = self.buildah("from", "scratch").strip()
        self.buildah("add", "--quiet", container, root, "/")
        self.buildah("commit", "--quiet", "--rm", container, name)

    def build(self, context: Path, dockerfile: str, name: str) -> None:
        self.buildah("bud", "--pull-never", "--isolation", "chroot", "--format", "docker", "-f", context / dockerfile, "-t", name,
                     context)

    def configuration(self, name: str) -> dict[str, Any]:
        """What the recipe says of its containers: Env, Entrypoint, Cmd, Volumes, Healthcheck."""
        found: dict[str, Any] = json.loads(self.buildah("inspect", "--type", "image", name))["Docker"]["config"]
        return found

    def close(self) -> None:
        self.buildah("rm", "--all")
        shutil.rmtree(self.directory)


@dataclass(frozen=True)
class Engine:
    """What an engine is told beside the image; `empty` are its directories in memory, and their modes."""
    uid: int = 0
    capabilities: list[str] = field(default_factory=list)
    no_new_privileges: bool = False
    read_only: bool = False
    empty: dict[str, int] = field(default_factory=dict)


class Container:
    """One container of an image with one volume; it may be started again after its stop."""

    def __init__(self, images: Images, image: str, volume: Path, scratch: Path, engine: Engine) -> None:
        self.images, self.engine, self.volume, self.scratch = images, engine, volume, scratch
        self.config = images.configuration(image)
        self.working = images.buildah("from", "--pull-never", image).strip()
        self.root = Path(images.buildah("mount", self.working).strip())
        self.name = ""
        self.process: subprocess.Popen[bytes] | None = None

    def runc(self, *words: str | Path) -> list[str | Path]:
        return ["runc", "--root", self.scratch / "state", *words]

    def start(self) -> None:
        """As `docker run`; what is not on the volume begins anew."""
        self.begin()
        wait_until(self._is_up, 60, what="the container runs")

    def begin(self) -> None:
        """The same, whatever becomes of it."""
        self.name = f"gateways-{uuid.uuid4().hex[:12]}"
        bundle = self.scratch / self.name
        bundle.mkdir(parents=True)
        tool("runc", "spec", "--bundle", bundle)
        (bundle / "config.json").write_text(json.dumps(self._specification(bundle)))
        with (self.scratch / "console").open("ab") as console:
            self.process = subprocess.Popen(self.runc("run", "--bundle", bundle, self.name), stdin=subprocess.DEVNULL, stdout=console,
                                            stderr=console)

    def _is_up(self) -> bool:
        assert self.process
        assert self.process.poll() is None, self.console()
        shown = subprocess.run(self.runc("state", self.name), capture_output=True, text=True, check=False)
        return shown.returncode == 0 and json.loads(shown.stdout)["status"] == "running"

    def _specification(self, bundle: Path) -> dict[str, Any]:
        spec: dict[str, Any] = json.loads((bundle / "config.json").read_text())
        spec["root"] = {"path": str(self.root), "readonly": self.engine.read_only}
        spec["process"] |= {
            "terminal": False, "args": [*(self.config.get("Entrypoint") or []), *(self.config.get("Cmd") or [])],
            "env": self.config["Env"], "user": {"uid": self.engine.uid, "gid": self.engine.uid},
            "capabilities": {kind: self.engine.capabilities for kind in ("bounding", "effective", "permitted")},
            "noNewPrivileges": self.engine.no_new_privileges}
        [volume] = self.config["Volumes"]
        binds = {volume: self.volume}
        for path, mode in self.engine.empty.items():
            binds[path] = bundle / path.strip("/")
            binds[path].mkdir()
            os.chown(binds[path], 0, self.engine.uid)
            binds[path].chmod(mode)
        spec["mounts"] += [{"destination": path, "type": "bind", "source": str(source), "options": ["rbind", "rw"]}
                           for path, source in binds.items()]
        spec["linux"]["cgroupsPath"] = f"/{self.name}"
        return spec

    def run(self, argv: list[str], check: bool = False) -> subprocess.CompletedProcess[str]:
        """What `docker exec` does: as the container's user, with the environment of the image."""
        done = subprocess.run(self.runc("exec", self.name, *argv), text=True, capture_output=True, check=False, timeout=120,
                              stdin=subprocess.DEVNULL)
        assert not check or done.returncode == 0, done.stdout + done.stderr + self.console()
        return done

    def stop(self) -> None:
        """What `docker stop` does, with more time than anything here needs."""
        tool(*self.runc("kill", self.name, "TERM"))
        self.wait()

    def wait(self) -> int:
        """The exit code of its first process."""
        assert self.process
        return self.process.wait(60)

    def console(self) -> str:
        return (self.scratch / "console").read_text()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process and self.process.poll() is None:
            subprocess.run(self.runc("delete", "--force", self.name), check=False, capture_output=True)
            self.process.wait(60)
        self.images.buildah("rm", self.working)
