"""What a landing did."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.lib.problems import Notice


@dataclass(frozen=True)
class LandedTable:
    """One raw table: its file (None where the folder has none), its rows, its columns in order."""

    table: str
    file: str | None
    rows: int
    columns: tuple[str, ...]


@dataclass(frozen=True)
class LandingReport:
    """All tables of a source as they stand in the warehouse now, and what a person should know."""

    tables: tuple[LandedTable, ...]
    notices: tuple[Notice, ...]
