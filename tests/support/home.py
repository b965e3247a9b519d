"""The one builder of a home: what lies on a volume, as its user owns it, and what the program has made of it.

    home = Home(scratch / "data")
    home.profile("mail", {"gateway_state": "running"}, intent={"desired_state": "stopped", "generation": 2})
    ...
    assert home.state("mail")["gateway_state"] == "stopped"

Volume, S6Tree, Mac and the volumes of the boxes are homes with a supervisor around them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from places import FIXTURES, USER

Content = Mapping[str, Any] | bytes | str


def events_of(log: Path) -> list[str]:
    """What a test gateway has written to its --event-log, without time and pid."""
    return [line.split(" ", 2)[2] for line in log.read_text().splitlines()] if log.exists() else []


class Home:
    """A directory for HERMES_HOME; everything in it belongs to `owner`, also when root runs the test."""

    def __init__(self, home: Path, owner: int = USER) -> None:
        self.home, self.owner = home, owner
        home.mkdir(mode=0o755, exist_ok=True)
        self.own(home)

    # -- what lies on it ------------------------------------------------------------------------------

    def own(self, path: Path) -> Path:
        os.chown(path, self.owner, self.owner, follow_symlinks=False)
        return path

    def own_all(self) -> None:
        """After a test has written files of its own, as root."""
        for directory, names, files in os.walk(self.home):
            for entry in (".", *names, *files):
                self.own(Path(directory, entry))

    def write(self, path: Path, content: Content) -> Path:
        """A file of the owner's; missing directories are made. A mapping is written as JSON."""
        for parent in reversed([parent for parent in path.parents if not parent.exists()]):
            parent.mkdir()
            self.own(parent)
        if isinstance(content, Mapping):
            content = json.dumps(content)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return self.own(path)

    def directory(self, name: str) -> Path:
        return self.home if name == "default" else self.home / "profiles" / name

    def profile(self, name: str, state: Content | None = None, *, intent: Content | None = None,
                service: Content | None = None, lifecycle: Content | None = None) -> Path:
        """A profile with the files that are given; a `state` that is a string is the name of a fixture.

        One that is there already keeps what is not given.
        """
        directory = self.directory(name)
        if name != "default":
            self.write(directory / "SOUL.md", "# soul\n")
        if isinstance(state, str):
            state = (FIXTURES / state).read_bytes()
        for path, content in ((self.state_file(name), state), (self.intent_file(name), intent),
                              (self.service_file(name), service), (self.lifecycle_file(name), lifecycle)):
            if content is not None:
                self.write(path, content)
        return directory

    # -- its files ------------------------------------------------------------------------------------

    def state_file(self, name: str) -> Path:
        return self.directory(name) / "gateway_state.json"

    def intent_file(self, name: str) -> Path:
        return self.directory(name) / ".gateway-intent.json"

    def service_file(self, name: str) -> Path:
        """Port and environment of the service, as `register` keeps them."""
        return self.directory(name) / ".gateway-service.json"

    def lifecycle_file(self, name: str) -> Path:
        return self.directory(name) / "state/gateway.lifecycle.json"

    def marker(self, name: str) -> Path:
        return self.directory(name) / ".gateway-planned-stop.json"

    def place(self, name: str) -> dict[str, Any]:
        """How the tool's files name the profile that they belong to."""
        info = self.directory(name).stat()
        return {"name": name, "path": str(self.directory(name)), "directory": {"device": info.st_dev, "inode": info.st_ino}}

    # -- what came of it ------------------------------------------------------------------------------

    def read(self, path: Path) -> dict[str, Any]:
        """A JSON file of the home, empty when it is not there (yet)."""
        try:
            return json.loads(path.read_text())
        except FileNotFoundError:
            return {}

    def state(self, name: str) -> dict[str, Any]:
        return self.read(self.state_file(name))

    def intent(self, name: str) -> dict[str, Any]:
        return self.read(self.intent_file(name))

    def lifecycle(self, name: str) -> dict[str, Any]:
        return self.read(self.lifecycle_file(name))

    def is_parked(self, name: str) -> bool:
        return (self.directory(name) / "state/gateway.parked.json").exists()

    def boot_log(self) -> list[str]:
        path = self.home / "logs/container-boot.log"
        return path.read_text().splitlines() if path.exists() else []
