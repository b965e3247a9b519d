"""Where the sources and the built programs are, and who the unprivileged user is."""

from __future__ import annotations

import os
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
REPOSITORY = TESTS.parent
FIXTURES = TESTS / "fixtures"
SOURCE = REPOSITORY / "src"
# Another build than the usual one, for example that with the sanitizers.
BUILD = Path(os.environ.get("GATEWAYCTL_BUILD", REPOSITORY / "build")).resolve()
GATEWAYCTL = BUILD / "gatewayctl"
TEST_GATEWAY = BUILD / "test-gateway"
ODDFS = BUILD / "tests/volume/oddfs"
DISKLOG = BUILD / "tests/power/disklog"
PROBE_VOLUME = BUILD / "tests/volume/probe-volume"

# Whose the volumes are, and who types the commands: root only where a test is about root. A developer who is not root
# plays this part himself.
USER = 10000 if os.geteuid() == 0 else os.geteuid()
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def let_others_through(directory: Path) -> None:
    """pytest's own directories are private to root; the gateways' user must get through."""
    for way in (directory, *list(directory.parents)[:2]):
        way.chmod(0o755)
