"""Containers whose gateways live in a tree of their user's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from box import Tree
from tree_image import Image, image_of


@pytest.fixture(params=[Tree.OWN, Tree.ENTRY_POINT], ids=lambda tree: tree.value)
def image(request: pytest.FixtureRequest, tmp_path: Path) -> Image:
    """Once below an init, once as the container's PID 1."""
    return image_of(tmp_path, request.param)


@pytest.fixture
def below_init(tmp_path: Path) -> Image:
    return image_of(tmp_path, Tree.OWN)


@pytest.fixture
def entry_point(tmp_path: Path) -> Image:
    return image_of(tmp_path, Tree.ENTRY_POINT)
