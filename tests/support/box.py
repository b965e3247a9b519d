"""A throw-away container without a container engine: s6-svscan as PID 1 in namespaces of its own.

The boot and the stop of a container are where gateways get lost, so they are tested for real: this
machine's root is the image's base (through an overlay), `image/` is laid over it, and its /init stands
in for the one of s6-overlay 3. /run is fresh at every start, the volume at /opt/data persists.

    with Box(volume, overlay={"/etc/cont-init.d/02-reconcile": script}) as box:
        box.start()
        box.run(["gatewayctl", "status"], check=True)    # as the unprivileged user
        box.stop()                                       # what `docker stop` does
        box.start()                                      # the next boot, on the same volume

The network is the machine's: two boxes that bind the same port collide.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from namespaces import BASE_PATH, HERE, Namespaces, clean_env
from places import REPOSITORY

WRAPPER = "/opt/hermes/docker/main-wrapper.sh"
SCANDIR = "/run/service"
OWN_SCANDIR = "/run/gatewayctl/service"

ArgvShape = Literal["v3", "v2", "bare"]


class Tree(enum.Enum):
    """Where the gateways of a container are supervised."""

    SHARED = "shared tree"  # in the init's own scandir, which boot hooks prepare
    OWN = "own tree below s6-rc"  # by one service of the init
    ENTRY_POINT = "own tree as PID 1"  # there is no other init
    BELOW_TINI = "own tree below tini"  # what `docker run --init` puts before an entry point


class Box(Namespaces):
    """One container. `start` and `stop` may be repeated; leaving the context kills and removes everything.

    overlay    path in the image -> a file or directory (keeps its mode) or the content (executable if it
               starts with "#!")
    uid        the container's user; other than 0 it has no_new_privs, as under a restricted pod policy
    env        the container's environment, on top of PATH, HERMES_HOME and S6_KILL_GRACETIME
    command    the container's command, what follows the image name in `docker run`
    tree       whose supervisor the gateways have; with an entry point there is no /init and no boot hook
    argv_shape where that command can be seen in /proc: "v3" in the arguments of rc.init, "v2" in those of
               PID 1 (`/init main-wrapper.sh ...`), "bare" the same without the wrapper (`/init ...`)
    base       the root over which the image is laid, instead of this machine's
    pod        as Kubernetes runs a restricted one with fsGroup: the root is read-only, /run is an emptyDir of that group
    beside     a directory that appears as /opt/beside and persists, for what tests record outside of the volume
    """

    def __init__(
        self,
        volume: Path,
        *,
        overlay: Mapping[str, Path | str | bytes] | None = None,
        uid: int = 0,
        env: Mapping[str, str] | None = None,
        command: Sequence[str] = ("gateway", "run"),
        grace_ms: int = 3000,
        argv_shape: ArgvShape = "v3",
        tree: Tree = Tree.SHARED,
        base: Path = Path("/"),
        beside: Path | None = None,
        pod: bool = False,
    ) -> None:
        super().__init__("box-", base)
        if beside is not None:
            self._stage_environment["BOX_BESIDE"] = str(beside)
        if pod:
            self._stage_environment |= {"BOX_READ_ONLY": "yes", "BOX_RUN": f"mode=2777,uid=0,gid={uid}"}
        self.volume = volume.resolve(strict=True)
        self.uid = uid
        self.env = {"PATH": BASE_PATH, "HERMES_HOME": "/opt/data", "S6_KILL_GRACETIME": str(grace_ms), **(env or {})}
        self.argv = [*command] if argv_shape == "bare" else [WRAPPER, *command]
        self.tree = tree
        self.scandir = SCANDIR if tree is Tree.SHARED else OWN_SCANDIR
        if tree is Tree.OWN:
            self._put("/etc/s6-overlay/s6-rc.d", REPOSITORY / "s6-rc.d")
        self._build_image(overlay or {}, scandir_as=self.argv[0] if argv_shape != "v3" else None)

    # -- life ---------------------------------------------------------------------------------------

    def start(self, *, wait: bool = True, seconds: float = 20) -> None:
        """Boots; returns when cont-init.d is done and the scandir rescanned, or at once without `wait`.

        The box dies with the thread that starts it (PR_SET_PDEATHSIG), so that a killed test leaves nothing.
        """
        user = self._privileges(self.uid)
        # The change of user clears the death signal that unshare has set, so it is set again.
        drop = [*user, "--pdeathsig=KILL"] if self.uid else []
        init = {Tree.ENTRY_POINT: ["gatewayctl", "tree"], Tree.BELOW_TINI: ["tini", "--", "gatewayctl", "tree"]
                }.get(self.tree, ["/init", *self.argv])
        pid1 = [*drop, *clean_env(self.env), *init]
        self._ups_before = self._ups()
        self._spawn("box-stage.sh", str(self.volume), str(self.uid), *pid1, seconds=seconds)
        if wait:
            self.wait_booted(seconds)

    def wait_booted(self, seconds: float = 20) -> None:
        if self.tree in (Tree.ENTRY_POINT, Tree.BELOW_TINI):
            self._wait_for(lambda: self._ups() > self._ups_before, seconds)
        else:
            self._wait_for(lambda: (self.root / "run/box-booted").exists(), seconds)
        if self.tree is not Tree.SHARED:
            # Its s6-svscan listens; it starts the supervisors of the slots one after the other.
            self._wait_for(lambda: all((slot / "supervise/status").exists() for slot in self.slots.glob("gateway-*")),
                           seconds)

    @property
    def slots(self) -> Path:
        """The scandir of the gateways as seen from outside, while the box is up."""
        return self.root / self.scandir.lstrip("/")

    def _ups(self) -> int:
        return self.console().count("the tree is up")

    def _environment(self, user: int) -> dict[str, str]:
        return {"HOME": "/root" if user == 0 else "/opt/data", **self.env}

    def _privileges(self, uid: int) -> list[str]:
        return [*super()._privileges(uid), *(["--no-new-privs"] if self.uid else [])]

    def _build_image(self, overlay: Mapping[str, Path | str | bytes], scandir_as: str | None) -> None:
        self._put("/", HERE / "image")
        for tool in (*Path("/usr/bin").glob("s6-*"), *Path("/usr/lib/execline/bin").iterdir()):
            (self._image / "command" / tool.name).symlink_to(tool)
        self._put_user("/opt/data")
        for path, source in overlay.items():
            self._put(path, source)
        if scandir_as is not None:
            # s6-svscan takes the first of PID 1's arguments for its scandir; see image/init.
            link = self._image / scandir_as.lstrip("/")
            link.unlink(missing_ok=True)
            link.symlink_to(SCANDIR)
