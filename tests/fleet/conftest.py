"""What the tests of a fleet share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / folder) for folder in ("support", "own", "fleet")]

from etcd_cluster import EtcdCluster  # noqa: E402
from fleets import Fleet  # noqa: E402
from places import let_others_through


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EtcdCluster]:
    """Three members of etcd that all tests of a module share."""
    with EtcdCluster(tmp_path_factory.mktemp("etcd") / "members") as made:
        yield made


@pytest.fixture
def fleet_of(tmp_path: Path, cluster: EtcdCluster) -> Callable[..., Fleet]:
    """`fleet_of(names, spread="gateway")`: a fleet that nobody has joined yet, whose gateways are meant to run."""
    def make(names: Iterable[str], **settings: str) -> Fleet:
        let_others_through(tmp_path)
        cluster.ctl("del", "--prefix", "/gatewayctl/")
        made = Fleet(tmp_path / "volume", cluster, **settings)
        for name in names:
            made.profile(name, {"gateway_state": "running", "desired_state": "running"})
        return made

    return make
