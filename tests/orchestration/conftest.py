"""Fixtures that several orchestration tests share."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.orchestration import building

PERSONS = building.REPOSITORY / "tests" / "golden" / "test_persons"
PERSONS_DAY = date(2026, 10, 30)


@pytest.fixture(scope="session")
def build() -> Callable[..., building.Published]:
    """`build(raw_dir, workdir, as_of, rules=None, source="file", …)` gives the snapshot."""
    return building.build


@pytest.fixture(scope="session")
def persons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The test persons as of 2026-10-30, built once for all processes; nobody may change it."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    workdir = folder / "persons"
    with (folder / "persons.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (workdir / "published").exists():
            building.build(PERSONS, workdir, PERSONS_DAY, is_tested=True)
    return workdir
