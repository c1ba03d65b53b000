"""The order of the tests."""

from __future__ import annotations

import pytest

# What a module asks for or brings in if it builds: the longest modules, which are better not last.
BUILDING = {"build", "clone", "persons", "team", "run_bare", "run_leads"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules that build come first."""
    first = {
        item.path
        for item in items
        if BUILDING & {*getattr(item, "fixturenames", ()), *vars(getattr(item, "module", item))}
    }
    items.sort(key=lambda item: item.path not in first)
