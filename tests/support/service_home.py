"""A home for a service manager other than s6: each profile holds what its gateway does, and where it says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from home import Home, events_of
from poll import wait_until

# What `command` of gatewayctl.yaml starts: the flags of the test gateway are in the profile itself, so that each
# profile plays its own part, and a test can change it between two starts.
GATEWAY = """#!/bin/sh
exec test-gateway --event-log "$PWD/events.log" --echo-env "$PWD/seen.json" $(cat "$PWD/flags") -- "$@"
"""
CONFIG = """command: [gatewayctl, run, --ready-after, "{ready}", --, the-gateway, "{{profile}}"]
drain_timeout: "{drain}"
death_budget: {budget}
"""


class ServiceHome(Home):
    def configure(self, *, ready: str = "100", drain: int = 5, budget: int = 10) -> None:
        self.write(self.home / "gatewayctl.yaml", CONFIG.format(ready=ready, drain=drain, budget=budget))

    def profile(self, name: str, flags: str = "", **files: Any) -> Path:
        """A profile with the `files` of Home.profile, whose gateway plays its part by `flags`."""
        directory = super().profile(name, **files)
        self.write(directory / "flags", flags)
        return directory

    def wait_event(self, directory: Path, event: str, count: int = 1) -> list[str]:
        def seen() -> list[str]:
            found = [said for said in events_of(directory / "events.log") if said == event]
            return found if len(found) >= count else []

        return wait_until(seen, 60, f"{count} times '{event}' in {directory.name}")
