"""Fixtures that several orchestration tests share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.orchestration import building


@pytest.fixture(scope="session")
def build() -> Callable[..., building.Published]:
    """`build(raw_dir, workdir, as_of, rules=None, source="file")` gives the snapshot."""
    return building.build
