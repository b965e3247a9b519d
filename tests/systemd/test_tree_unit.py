"""The gateways of a volume in a tree of their user's own, as one unit of systemd (examples/gateways-tree.service)."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from box import Tree
from gateway_image import binary
from places import REPOSITORY, USER
from poll import wait_until
from systemd_box import SystemdBox
from tree_image import RUNNING, image_of

UNIT = "gateways-tree.service"


@pytest.mark.long
def test_one_unit_holds_the_whole_tree(tmp_path: Path) -> None:
    image = image_of(tmp_path, Tree.ENTRY_POINT)
    for name in ("a", "b"):
        image.profile(name, RUNNING)
    command = ["gatewayctl", "run", "--ready-after", "1", "--", "test-gateway", "--event-log",
               "/srv/gateways/events-{profile}", "--drain-ms", "300"]
    text = (REPOSITORY / "examples" / UNIT).read_text().replace("User=gateways", f"User={USER}")
    overlay = {"/usr/local/bin/gatewayctl": binary("gatewayctl"), "/usr/local/bin/test-gateway": binary("test-gateway"),
               "/etc/gatewayctl.yaml": json.dumps({"command": command, "default_command": command})}
    with SystemdBox(binds={"/srv/gateways": image.home}, overlay=overlay) as box:
        box.start()
        (box.units / UNIT).write_text(text)
        env = {"HERMES_HOME": "/srv/gateways"}
        box.systemctl("daemon-reload")
        box.systemctl("enable", "--now", UNIT)  # Type=notify: returns when the tree is up
        assert box.show(UNIT, "ActiveState", "SubState") == {"ActiveState": "active", "SubState": "running"}
        image.wait_ready("a", "b")
        status = json.loads(box.run(["gatewayctl", "--json", "status"], user=USER, env=env).stdout)
        assert status["manager"] == "s6"
        box.run(["gatewayctl", "stop", "b"], user=USER, env=env, check=True)
        box.reboot()
        image.wait_ready("a", lives=2)
        assert image.events("a")[-1] == "ready" and image.events("a").count("drain-end") == 1
        assert image.events("b").count("start") == 1, "what was stopped stays down"
        box.systemctl("kill", "--kill-whom=main", "-s", "KILL", UNIT)
        wait_until(lambda: image.events("a").count("ready") == 3, 60, what="the next life, by Restart=")
        box.systemctl("stop", UNIT)
        wait_until(lambda: image.events("a")[-1].startswith("exit"), what="the last drain")
        assert box.show(UNIT, "Result") == {"Result": "success"}
        assert signal.SIGKILL not in [int(word) for word in box.show(UNIT, "ExecMainStatus").values()]
