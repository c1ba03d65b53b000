"""Names and texts inside SQL statements."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def identifier(name: str) -> str:
    """`name` as a quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def identifiers(names: Iterable[str]) -> str:
    """`names` as a comma-separated list of quoted identifiers."""
    return ", ".join(identifier(name) for name in names)


def literal(value: str | Path) -> str:
    """`value` as a text literal."""
    return "'" + str(value).replace("'", "''") + "'"
