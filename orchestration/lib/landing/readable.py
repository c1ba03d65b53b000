"""What the landing needs to know to load one file: the meeting point of all forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orchestration.lib.landing.column_names import NamedColumns
from orchestration.lib.landing.source_files import SourceFile
from orchestration.lib.problems import Notice


@dataclass(frozen=True)
class ReadableFile:
    """A file that DuckDB can load with one statement.

    Attributes:
        file: the file that the table is given as.
        columns: canonical column names in file order.
        relation: SQL of the table function that reads the file, or a copy of it.
        values: per column, SQL of its trimmed text, NULL where it is unknown.
        expected_rows: rows that the relation must give, where they were counted independently.
        skipped_blank_rows: empty rows that the relation does not give.
        reread: a slower and stricter way to prepare the same file, for when DuckDB refuses this
            one. It raises InputError with the exact place if the file is at fault.
        notices: what a person should know about the file.
    """

    file: SourceFile
    columns: tuple[str, ...]
    relation: str
    values: tuple[str, ...]
    expected_rows: int | None
    skipped_blank_rows: int
    reread: Callable[[], ReadableFile] | None
    notices: tuple[Notice, ...]


def without_rows(file: SourceFile, columns: NamedColumns) -> ReadableFile:
    """A file that has a header alone."""
    nothing = ", ".join(f"null as c{index}" for index in range(len(columns.names)))
    return ReadableFile(
        file=file,
        columns=columns.names,
        relation=f"(select {nothing} where false) as rows_of_file",
        values=tuple(f"cast(c{index} as varchar)" for index in range(len(columns.names))),
        expected_rows=0,
        skipped_blank_rows=0,
        reread=None,
        notices=columns.notices,
    )
