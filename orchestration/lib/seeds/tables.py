"""Seeds as they were read: rows of canonical texts that still know their place in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from orchestration.lib.problems import Notice, Problem
from orchestration.lib.seeds.catalog import SeedSpec


@dataclass(frozen=True)
class RawTable:
    """A seed as a file or a sheet holds it: texts, not yet read by type.

    `file` is the name that people see. `rows` are (row number as a spreadsheet shows it, cells).
    """

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class SeedRow:
    """A row of a seed.

    `cells` hold the canonical text of every column, defaults filled in, None where empty.
    `given` holds what the file says, without defaults. `unreadable` names the columns whose cell
    is wrong (their text stands as it was written); checks leave these out.
    """

    number: int
    cells: Mapping[str, str | None]
    given: Mapping[str, str | None]
    unreadable: frozenset[str] = frozenset()

    def get(self, column: str) -> str | None:
        """The cell, or None where it is empty or unreadable."""
        return None if column in self.unreadable else self.cells[column]


@dataclass(frozen=True)
class SeedTable:
    """A seed with the name of its file; `is_shipped` is false if it comes from `--rules`."""

    spec: SeedSpec
    file: str
    is_shipped: bool
    rows: tuple[SeedRow, ...]
    problems: tuple[Problem, ...] = ()
    notices: tuple[Notice, ...] = ()

    def readable(self, *columns: str) -> list[SeedRow]:
        """The rows whose cells in these columns can be read."""
        return [row for row in self.rows if not row.unreadable.intersection(columns)]

    def problem(
        self, row: SeedRow | None, column: str | None, message: str, remedy: str
    ) -> Problem:
        """A problem at a place of this seed."""
        return Problem(
            message=message,
            remedy=remedy,
            file=self.file,
            row=None if row is None else row.number,
            column=column,
        )

    def notice(self, row: SeedRow | None, message: str) -> Notice:
        """A notice about this seed, naming the row if one is given."""
        return Notice(message if row is None else f"row {row.number}: {message}", file=self.file)


@dataclass(frozen=True)
class SeedSet:
    """All seeds that are in force, the shipped ones and those that take their place."""

    catalog: Mapping[str, SeedSpec]
    tables: Mapping[str, SeedTable]
    notices: tuple[Notice, ...] = field(default=())
