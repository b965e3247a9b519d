"""What the tests of a fleet share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / folder) for folder in ("support", "own", "fleet")]

from etcd_cluster import EtcdCluster  # noqa: E402


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EtcdCluster]:
    """Three members of etcd that all tests of a module share."""
    with EtcdCluster(tmp_path_factory.mktemp("etcd") / "members") as made:
        yield made
