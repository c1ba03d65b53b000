"""Writes the simulated company: raw HubSpot and Segment tables, and the truth beside them.

    python data/simulated_company/generate.py OUT [--contacts N] [--events N] [--seed N]

Everything is SQL in the files of `sql/`, run in the order of their names; nothing is drawn from a
random state, so equal parameters give equal rows in equal order.
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import date
from pathlib import Path
from typing import Annotated

import duckdb
import typer

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
CONTACTS = 20_000
EVENTS = 1_000_000
SEED = 20_261_031
# 18 months before the as-of day.
FIRST_DATE = date(2025, 5, 1)
MEMORY_LIMIT = "8GB"
SCHEMAS = ("hubspot", "segment", "truth")


def as_of_day() -> date:
    """The last day of the data, from the file `as_of`."""
    return date.fromisoformat((HERE / "as_of").read_text(encoding="utf-8").strip())


def sql_files() -> list[Path]:
    """The steps, in their order."""
    return sorted((HERE / "sql").glob("*.sql"))


def generate(
    out_dir: Path, contacts: int = CONTACTS, events: int = EVENTS, seed: int = SEED
) -> dict[str, int]:
    """Write `hubspot/`, `segment/` and `truth/` below a folder, one Parquet file a table.

    Files that stand there are replaced only when everything was written beside them.

    Args:
        out_dir: folder to write into; made if missing.
        contacts: contact records, about; companies and deals follow.
        events: web and e-mail events, forms and engagements together, about.
        seed: another number gives another company.

    Returns:
        Rows by table, as in `hubspot/contact`.

    Raises:
        ValueError: fewer than 400 contacts or fewer than five events a contact.
    """
    if contacts < 400 or events < 5 * contacts:
        raise ValueError("At least 400 contacts and five events for each of them are needed.")
    out_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".simulated-", dir=out_dir) as scratch:
        beside = Path(scratch)
        with duckdb.connect(str(beside / "work.duckdb")) as connection:
            _prepare(connection, beside, contacts, events, seed)
            for file in sql_files():
                connection.execute(file.read_text(encoding="utf-8"))
            rows = _write(connection, beside)
        for schema in SCHEMAS:
            shutil.rmtree(out_dir / schema, ignore_errors=True)
            (beside / schema).rename(out_dir / schema)
    return rows


def _prepare(
    connection: duckdb.DuckDBPyConnection, scratch: Path, contacts: int, events: int, seed: int
) -> None:
    connection.execute("set timezone = 'UTC'")
    connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
    connection.execute("set temp_directory = ?", [str(scratch / "spill")])
    as_of = as_of_day()
    variables = {
        "seed": seed,
        "contacts": contacts,
        "events": events,
        "first_date": FIRST_DATE,
        "as_of_date": as_of,
        "day_count": (as_of - FIRST_DATE).days + 1,
        "words": str(HERE / "words"),
        "seeds": str(PROJECT / "seeds"),
    }
    for name, value in variables.items():
        connection.execute(f"set variable {name} = ?", [value])
    for schema in SCHEMAS:
        connection.execute(f"create schema {schema}")


def _write(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, int]:
    """Copy every view of the three schemas into a file; the views order their rows."""
    views = connection.execute(
        "select schema_name, view_name from duckdb_views() "
        "where list_contains(?, schema_name) order by all",
        [list(SCHEMAS)],
    ).fetchall()
    rows: dict[str, int] = {}
    for schema, view in views:
        (folder / schema).mkdir(exist_ok=True)
        file = folder / schema / f"{view}.parquet"
        found = connection.execute(
            f"copy (from {schema}.{view}) to '{file}' (format parquet, compression zstd)"
        ).fetchone()
        rows[f"{schema}/{view}"] = int(found[0]) if found else 0
    return rows


def main(
    out: Annotated[Path, typer.Argument(help="Folder to write into.")],
    contacts: Annotated[int, typer.Option(help="Contact records, about.")] = CONTACTS,
    events: Annotated[int, typer.Option(help="Events, about.")] = EVENTS,
    seed: Annotated[int, typer.Option(help="Another number, another company.")] = SEED,
) -> None:
    """Write the simulated company."""
    for table, count in generate(out, contacts, events, seed).items():
        typer.echo(f"{count:>12,}  {table}")


if __name__ == "__main__":
    typer.run(main)
