"""Raw tables that are read where they are: which there are, and whether all that is needed is."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.lib.failures import RunFailed
from orchestration.lib.landing.table_specs import TableSpec
from orchestration.lib.problems import InputError, Problem


@dataclass(frozen=True)
class SchemaInPlace:
    """A schema with the raw tables of a source, in a DuckDB file."""

    source: str
    database: Path
    schema: str


def read_columns_in_place(
    place: SchemaInPlace, specs: Sequence[TableSpec]
) -> dict[str, tuple[str, ...]]:
    """Read what the tables of a source are made of, not their rows.

    Returns:
        Per table that is there, its column names in lower case and in their order.

    Raises:
        InputError: the file, the schema, a required table or a required column is missing.
        RunFailed: another program has the file open for writing.
    """
    found = _columns_of_schema(place)
    if found is None:
        raise InputError(
            Problem(
                f"The schema {place.schema} of the source {place.source} is not in "
                f"{place.database.name}.",
                f"Correct the var {place.source}_schema, or the file below [attach].",
            )
        )
    problems: list[Problem] = []
    for spec in specs:
        table = f"{place.schema}.{spec.name}"
        columns = found.get(spec.name)
        if columns is None:
            if spec.is_required:
                problems.append(
                    Problem(
                        f"The source {place.source} needs the table {table}, and it is not there.",
                        f"Load it, or correct the var {place.source}_schema.",
                    )
                )
            continue
        missing = [column for column in spec.required_columns if column not in columns]
        if spec.required_any and not set(spec.required_any) & set(columns):
            missing.append(" or ".join(spec.required_any))
        problems += [
            Problem(
                f"The table {table} lacks a column that the source {place.source} needs.",
                "Load the table with it.",
                column=column,
            )
            for column in missing
        ]
    if problems:
        raise InputError(problems)
    return {spec.name: found[spec.name] for spec in specs if spec.name in found}


def _columns_of_schema(place: SchemaInPlace) -> dict[str, tuple[str, ...]] | None:
    """Columns of every table and view of the schema; None without the schema."""
    if not place.database.is_file():
        return None
    try:
        connection = duckdb.connect(str(place.database), read_only=True)
    except duckdb.IOException:
        raise RunFailed(
            (
                f"Another program has {place.database} open for writing.",
                "Close it, then ask again.",
            )
        ) from None
    with closing(connection):
        schemas = connection.execute(
            "select 1 from duckdb_schemas()"
            " where database_name = current_database() and lower(schema_name) = lower(?)",
            [place.schema],
        ).fetchall()
        rows = connection.execute(
            "select lower(table_name), list(lower(column_name) order by column_index)"
            " from duckdb_columns()"
            " where database_name = current_database() and lower(schema_name) = lower(?)"
            " group by all order by all",
            [place.schema],
        ).fetchall()
    return {table: tuple(columns) for table, columns in rows} if schemas else None
