"""Writing seeds: for dbt to load, and for people to keep."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from orchestration.lib.seeds.tables import SeedSet


def write_seeds(seed_set: SeedSet, destination: Path) -> None:
    """Write every seed to `<destination>/<folder>/<name>.csv`: UTF-8, LF, days as YYYY-MM-DD.

    All columns stand in the order of the catalogue, defaults filled in; an empty cell is NULL.
    Every filled cell is quoted, so that no reader has to guess the quotation mark: DuckDB's
    sniffer would take 'abc' in single quotes for abc.
    """
    for name, table in seed_set.tables.items():
        columns = table.spec.column_names
        lines = [_quoted_line(columns)]
        lines.extend(_quoted_line([row.cells[column] for column in columns]) for row in table.rows)
        folder = destination / table.spec.folder
        folder.mkdir(parents=True, exist_ok=True)
        content = "".join(lines).encode("utf-8")
        target = folder / f"{name}.csv"
        # Never write through a link into the file that it points to.
        if target.is_symlink():
            target.unlink()
        if not target.is_file() or target.read_bytes() != content:
            target.write_bytes(content)


def _quoted_line(cells: Iterable[str | None]) -> str:
    quoted = ("" if cell is None else '"' + cell.replace('"', '""') + '"' for cell in cells)
    return ",".join(quoted) + "\n"


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str | None]]) -> str:
    """A CSV file as people keep it: quoted only where needed, LF at the end of lines."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([["" if cell is None else cell for cell in row] for row in rows])
    return buffer.getvalue()
