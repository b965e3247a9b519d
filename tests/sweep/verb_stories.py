"""What verb_sweep.py disturbs: each verb on a home with one gateway, and what must hold afterwards.

A story begins (any number of times, whatever an earlier try has left), is tried with strace in front of it, is judged, and
is told again without a disturbance, after which all must be as if there had never been one.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from mounted import VOLUMES
from places import GATEWAYCTL
from poll import is_gone, wait_until
from s6_tree import Finish, S6Tree, Supervisor

NAME = "a"
QUICK = ("--timeout", "20")
RUN = ("run", "--ready-after", "1", "--drain-timeout", "20", "--")
KILLED = (-signal.SIGKILL, 128 + signal.SIGKILL)


class Site:
    """A home on a volume of some kind, with a profile whose gateway stands behind `gatewayctl run`."""

    def __init__(self, volume: str, supervisor: Supervisor) -> None:
        self.stack = ExitStack()
        self.tree = S6Tree(supervisor, Finish.WHOLE)
        self.stack.callback(shutil.rmtree, self.tree.root)
        self.stack.enter_context(contextlib.suppress(FileNotFoundError))
        self.well = self.stack.enter_context(VOLUMES[volume](self.tree.home))
        self.stack.callback(self.tree.stop)
        with self.well():
            self.tree.config(command=[str(GATEWAYCTL), *RUN, str(self.tree.root / "play"), "{profile}"], death_budget=2)
            self.tree.profile(NAME, "--drain-ms 20")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    # -- what lies there --------------------------------------------------------------------------------------

    @property
    def word(self) -> str | None:
        return self.tree.intent(NAME).get("desired_state")

    def state_of(self, name: str) -> Path:
        return self.tree.directory(NAME) / "state" / f"gateway.{name}.json"

    def deaths(self) -> int:
        return self.tree.read(self.state_of("deaths")).get("count", 0)

    def crashes(self) -> int:
        log = self.tree.directory(NAME) / "state/gateway.lives.jsonl"
        return log.read_text().count('"crashed"') if log.exists() else 0

    def check_nothing_is_torn(self) -> None:
        for path in self.tree.home.rglob("*.json"):
            with contextlib.suppress(FileNotFoundError):  # a gateway that lives has removed it meanwhile
                whole = path.read_bytes()
                try:
                    assert isinstance(json.loads(whole), dict)
                except (ValueError, AssertionError) as error:
                    raise AssertionError(f"{path} is torn: {whole!r}") from error
        log = self.tree.directory(NAME) / "state/gateway.lives.jsonl"
        for line in log.read_text().splitlines() if log.exists() else ():
            json.loads(line)

    def check_no_leftovers(self) -> None:
        # A gateway that lives writes, too.
        wait_until(lambda: not [*self.tree.home.rglob("*.tmp-*")], what="no leftover of a killed write")
        stages = [path.name for path in self.tree.scandir.iterdir() if path.name.startswith(".gateway-")]
        assert stages == [], stages

    def check_nobody_is_called_dead(self) -> None:
        assert not self.tree.is_parked(NAME), "nothing has gone wrong with the gateway, and it is parked"
        assert self.deaths() == 0, "nothing has gone wrong with the gateway, and a death is counted"

    def forget(self) -> None:
        with self.well():
            shutil.rmtree(self.tree.directory(NAME) / "state", ignore_errors=True)


@dataclass
class Attempt:
    """What became of a command that was disturbed."""

    code: int
    said: str

    @property
    def killed(self) -> bool:
        return self.code in KILLED

    def __str__(self) -> str:
        return f"exit {self.code}: {self.said}"


def attempt(done: subprocess.CompletedProcess[str]) -> Attempt:
    return Attempt(done.returncode, done.stdout + done.stderr)


class Story:
    """A name with the verb first; `supervisor` None: the site has no tree."""

    name: str
    supervisor: Supervisor | None = Supervisor.OF_USER
    #: It makes a service of the defaults, and says so, where its configuration cannot be read.
    boots = False

    def site(self, volume: str) -> Site:
        site = Site(volume, self.supervisor or Supervisor.OF_USER)
        if self.supervisor is Supervisor.OF_USER:
            try:
                site.tree.start()
            except BaseException:
                site.stack.close()
                raise
        return site

    def begin(self, site: Site) -> None:
        raise NotImplementedError

    def attempt(self, site: Site, strace: Sequence[str]) -> Attempt:
        raise NotImplementedError

    def judge(self, site: Site, tried: Attempt) -> None:
        raise NotImplementedError

    def again(self, site: Site) -> None:
        raise NotImplementedError

    def relevant(self, calls: list[str]) -> list[str]:
        """Of the trace of an undisturbed run, those that are disturbed: a beginning of it."""
        return calls


# -- verbs under a live s6-svscan -------------------------------------------------------------------------------------


def is_up(site: Site) -> bool:
    return site.tree.svstat(NAME)["up"]


def is_supervised(site: Site) -> bool:
    return site.tree.supervised(site.tree.slot(NAME))


def be_registered(site: Site) -> None:
    done = site.tree.ctl("register", NAME)
    assert done.returncode == 0 or "already registered" in done.stderr, done.stderr


def be_unregistered(site: Site) -> None:
    site.tree.ctl("unregister", NAME, check=True)


def be_up(site: Site) -> None:
    be_registered(site)
    site.tree.ctl("start", NAME, check=True)
    wait_until(lambda: site.tree.state(NAME).get("gateway_state") == "running" and is_up(site), what="a gateway that runs")


def be_down(site: Site) -> None:
    be_registered(site)
    site.tree.ctl("stop", NAME, check=True)


def be_without_slot(site: Site) -> None:
    """As after a container's restart: it is meant to run, and a pass has to make all of it."""
    be_up(site)
    be_unregistered(site)
    with site.well():
        site.tree.service_file(NAME).unlink()


@dataclass(frozen=True)
class Operation(Story):
    """One that names the gateway, or concerns all. `wish`: the intent that it records; None: it has nothing to do with it."""

    name: str
    words: tuple[str, ...]
    start_from: Callable[[Site], None]
    wish: str | None
    is_done: Callable[[Site], bool]
    boots: bool = False

    def begin(self, site: Site) -> None:
        self.start_from(site)
        object.__setattr__(self, "_before", (site.word, site.crashes()))

    def attempt(self, site: Site, strace: Sequence[str]) -> Attempt:
        return attempt(site.tree.ctl(*self.words, before=strace, timeout=240))

    def judge(self, site: Site, tried: Attempt) -> None:
        old, _ = self._before
        site.check_nothing_is_torn()
        assert site.word in (old, self.wish or old), f"the intent is {site.word}, was {old}"
        if tried.killed:
            pass
        elif tried.code == 0:
            assert self.is_done(site), "it says that it is done, and it is not"
            assert site.word == (self.wish or old), "it says that it is done, and the intent is the old one"
        else:
            assert 0 < tried.code < 126, "it has crashed"
            assert tried.said.strip(), "it fails, and says nothing"
        if self.wish and is_supervised(site):
            self.check_difference_is_shown(site)

    def check_difference_is_shown(self, site: Site) -> None:
        """Where intent and supervisor differ, because nobody was told, `status` says it."""
        def shown() -> bool:
            return (site.tree.svstat(NAME)["wantedup"] == (site.word == "running")
                    or bool(site.tree.status(NAME)["notes"]))

        wait_until(shown, what="a note that intent and supervisor differ")

    def again(self, site: Site) -> None:
        old, crashes = self._before
        done = attempt(site.tree.ctl(*self.words))
        assert done.code == 0 or "already registered" in done.said, f"again: {done}"
        wait_until(lambda: self.is_done(site), what=f"{self.name} to be done")
        assert site.word == (self.wish or old)
        site.tree.ctl("reconcile", check=True)  # what a killed write has left is a boot pass's to remove
        if self.wish:
            wanted = self.wish == "running"
            wait_until(lambda: site.tree.svstat(NAME)["wantedup"] == is_up(site) == wanted, what="what was asked for")
        site.check_nothing_is_torn()
        site.check_no_leftovers()
        site.check_nobody_is_called_dead()
        assert site.crashes() == crashes, "a life that has ended in order is called a crash"


OPERATIONS: list[Story] = [
    Operation("start", ("start", *QUICK, NAME), be_down, "running", is_up),
    Operation("start, not registered", ("start", *QUICK, NAME), be_unregistered, "running", is_up),
    Operation("stop", ("stop", *QUICK, NAME), be_up, "stopped", lambda site: not is_up(site)),
    Operation("restart", ("restart", *QUICK, NAME), be_up, "running", is_up),
    Operation("register", ("register", NAME), be_unregistered, None, is_supervised),
    Operation("unregister", ("unregister", *QUICK, NAME), be_up, None, lambda site: not site.tree.slot(NAME).exists()),
    Operation("drain", ("drain", *QUICK), be_up, None, lambda site: not is_up(site)),
    Operation("reconcile", ("reconcile",), be_without_slot, None, is_supervised, boots=True),
]


# -- the boot of a tree ------------------------------------------------------------------------------------------------


class TreeStart(Story):
    """`gatewayctl tree`, until it is s6-svscan."""

    name = "tree"
    boots = True
    supervisor = Supervisor.OWN

    def begin(self, site: Site) -> None:
        tree = site.tree
        tree.stop()
        for entry in tree.scandir.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        site.forget()
        with site.well():
            tree.write(tree.state_file(NAME), {"gateway_state": "running", "desired_state": "running"})
            tree.intent_file(NAME).unlink(missing_ok=True)

    def attempt(self, site: Site, strace: Sequence[str]) -> Attempt:
        console = site.tree.root / "console.log"
        console.unlink(missing_ok=True)
        code = site.tree.try_start(before=strace)
        return Attempt(code or 0, console.read_text())

    def relevant(self, calls: list[str]) -> list[str]:
        becomes = next(index for index, call in enumerate(calls) if index and call.startswith("execve(") and "s6-svscan" in call)
        return calls[:becomes + 1]

    def judge(self, site: Site, tried: Attempt) -> None:
        site.check_nothing_is_torn()
        assert site.word in (None, "running"), site.word
        if tried.killed:
            return
        if tried.code != 0:
            assert 0 < tried.code < 128 and tried.said.strip(), "it fails, and says nothing"
        elif not re.search(rf"\b{NAME}\b.*(cannot|fail|not )|cannot", tried.said):
            self.wait_running(site)

    def again(self, site: Site) -> None:
        site.tree.stop()
        site.tree.start()
        self.wait_running(site)
        site.tree.ctl("reconcile", check=True)
        site.check_nothing_is_torn()
        site.check_no_leftovers()
        site.check_nobody_is_called_dead()
        assert site.word in (None, "running"), site.word
        site.tree.stop()

    @staticmethod
    def wait_running(site: Site) -> None:
        def running() -> bool:
            with contextlib.suppress(subprocess.CalledProcessError):  # its supervisor is not born yet
                return site.tree.state(NAME).get("gateway_state") == "running" and site.tree.pid(NAME) > 0
            return False

        wait_until(running, what="the gateway that is meant to run")


# -- the end of `run` ---------------------------------------------------------------------------------------------------


class Shutdown(Story):
    """From SIGTERM to the end, as at a container's stop; with `planned`, as at an operator's."""

    supervisor = None

    def __init__(self, planned: bool) -> None:
        self.planned = planned
        self.name = "run, its end " + ("by an operator" if planned else "with its container")

    def begin(self, site: Site) -> None:
        site.tree.stop()
        site.forget()
        (site.tree.directory(NAME) / "events").unlink(missing_ok=True)
        self.start(site)

    def start(self, site: Site) -> None:
        tree = site.tree
        with site.well():
            tree.state_file(NAME).unlink(missing_ok=True)  # what it says is of this life
        self.run = tree.begin("-p", NAME, *RUN, str(tree.root / "play"), NAME, env={"HERMES_SUPERVISED_CHILD": "1"})
        wait_until(lambda: tree.lifecycle(NAME).get("phase") == "running" and "ready" in tree.events(NAME)
                   and tree.state(NAME).get("gateway_state") == "running" or self.run.poll() is not None, what="a life")
        assert self.run.poll() is None, self.run.communicate()
        if self.planned:
            tree.ctl("-p", NAME, "marker", "write", "--pid", str(self.run.pid), check=True)

    def attempt(self, site: Site, strace: Sequence[str]) -> Attempt:
        words = [*(word for word in strace if word != "-qqq"), "-p", str(self.run.pid)]
        with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL) as tracer:
            assert tracer.stderr
            assert "attached" in (told := tracer.stderr.readline()), told
            return self.end(site)

    def end(self, site: Site) -> Attempt:
        self.run.send_signal(signal.SIGTERM)
        out, err = self.run.communicate(timeout=240)
        wait_until(lambda: not [words for words in site.tree.processes().values() if words[:1] != ["strace"]],
                   what="the end of the gateway with its front")
        return Attempt(self.run.returncode, out + err)

    def expected(self) -> tuple[int, str]:
        return (0, "stopped") if self.planned else (1, "running")

    def found(self, site: Site, code: int) -> tuple[Any, ...]:
        life = site.tree.lifecycle(NAME)
        return code, site.tree.state(NAME).get("gateway_state"), life.get("phase"), life.get("clean")

    def judge(self, site: Site, tried: Attempt) -> None:
        site.check_nothing_is_torn()
        code, state, phase, clean = self.found(site, tried.code)
        assert state in ("running", "draining", "stopped"), state
        if clean:
            assert "drain-end" in site.tree.events(NAME), "it is called clean, and was cut off"
        if tried.killed:
            return
        assert code in (0, 1), "it has crashed"
        whole = (*self.expected(), "exited", True)
        complains = [line for line in tried.said.splitlines() if re.search(r"cannot|unusable|not know|fail", line)]
        assert (code, state, phase, clean) == whole or complains, \
            f"{(code, state, phase, clean)} instead of {whole}, and nothing is said"

    def again(self, site: Site) -> None:
        tree = site.tree
        (tree.directory(NAME) / "events").unlink(missing_ok=True)
        before = tree.lifecycle(NAME)
        self.start(site)
        done = self.end(site)
        assert self.found(site, done.code) == (*self.expected(), "exited", True), f"again: {done}"
        prior = tree.lifecycle(NAME).get("prior_exit")
        was_clean = before.get("phase") == "exited" and before.get("clean")
        assert prior in (None, "clean" if was_clean else "unclean"), (prior, before)
        tree.ctl("reconcile", check=True)
        site.check_nothing_is_torn()
        site.check_no_leftovers()
        site.check_nobody_is_called_dead()
        for slot in tree.scandir.glob("gateway-*"):
            shutil.rmtree(slot)


# -- after a death -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AfterExit(Story):
    """As a slot's finish types it, after a life that has ended with a code."""

    name: str
    code: int
    deaths_before: int
    answer: int
    planned: bool = False  # an operator has asked for this end
    supervisor = None

    def begin(self, site: Site) -> None:
        site.forget()
        with site.well():
            site.tree.write(site.tree.root / "play", f"#!/bin/sh\nexit {self.code}\n").chmod(0o755)
        for _ in range(self.deaths_before):
            self.die(site)
            assert self.count(site).code == 0
        self.die(site)
        if self.planned:
            life = {key: value for key, value in site.tree.lifecycle(NAME).items() if key in ("pid", "start_time", "boot_id")}
            with site.well():
                site.tree.write(site.tree.directory(NAME) / ".gateway-planned-end.json",
                                {**life, "belongs_to": site.tree.place(NAME)})

    def die(self, site: Site) -> None:
        words = ("-p", NAME, *RUN, str(site.tree.root / "play"), NAME)
        done = site.tree.ctl(*words, env={"HERMES_SUPERVISED_CHILD": "1"})
        assert done.returncode == self.code, done.stderr

    def count(self, site: Site, strace: Sequence[str] = ()) -> Attempt:
        return attempt(site.tree.ctl("-p", NAME, "after-exit", str(self.code), "0", before=strace, timeout=240))

    def attempt(self, site: Site, strace: Sequence[str]) -> Attempt:
        return self.count(site, strace)

    def judge(self, site: Site, tried: Attempt) -> None:
        site.check_nothing_is_torn()
        counted = site.deaths() - self.deaths_before
        if tried.killed:
            assert counted in (0, 1, -self.deaths_before), counted
            return
        assert tried.code in (0, 125) or 0 < tried.code < 126 and tried.said.strip(), "it has crashed, or says nothing"
        if tried.code in (0, 125) and not re.search("cannot", tried.said):
            assert tried.code == self.answer, "another answer, and nothing is said"
            self.check(site, site.deaths())

    def check(self, site: Site, deaths: int) -> None:
        died = self.code != 0 and not self.planned
        assert site.tree.is_parked(NAME) == (died and self.answer == 125)
        assert deaths >= self.deaths_before + 1 if died else deaths == 0, deaths

    def again(self, site: Site) -> None:
        done = self.count(site)
        if done.code == 0 and self.answer == 125:
            done = self.count(site)
        if self.planned:  # s6 does not tell of one end twice: the first answer has counted
            return
        # What was killed behind its count has counted this death already: it may be the last one then.
        assert done.code == self.answer or done.code == 125 and self.code != 0, f"again: {done}"
        site.check_nothing_is_torn()
        site.tree.ctl("reconcile", check=True)
        site.check_no_leftovers()
        for slot in site.tree.scandir.glob("gateway-*"):
            shutil.rmtree(slot)


STORIES: list[Story] = [
    *OPERATIONS, TreeStart(), Shutdown(planned=False), Shutdown(planned=True),
    AfterExit("after-exit, a death", 3, 0, 0), AfterExit("after-exit, the last death", 3, 1, 125),
    AfterExit("after-exit, a good end", 0, 0, 125), AfterExit("after-exit, a planned end", 3, 0, 0, planned=True)]
