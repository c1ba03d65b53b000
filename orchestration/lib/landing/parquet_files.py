# ruff: noqa: S608 - paths are quoted by path_literal(), columns are called by their place.
"""Preparing a Parquet file for DuckDB: every value in its text form."""

from __future__ import annotations

import duckdb

from orchestration.lib.landing.column_names import ColumnAliases, NamedColumns, name_columns
from orchestration.lib.landing.csv_records import NoRowsError
from orchestration.lib.landing.readable import ReadableFile
from orchestration.lib.landing.source_files import SourceFile
from orchestration.lib.landing.sql_text import path_literal
from orchestration.lib.landing.table_specs import TableSpec
from orchestration.lib.landing.white_space import trimmed_sql
from orchestration.lib.problems import InputError, Problem


def name_parquet_columns(
    connection: duckdb.DuckDBPyConnection,
    file: SourceFile,
    spec: TableSpec,
    aliases: ColumnAliases,
) -> NamedColumns:
    """Read and name the columns of a Parquet file from its footer alone."""
    try:
        # DuckDB renames doubled columns silently, so the names are taken from the footer itself.
        nodes = connection.execute(
            f"select name, coalesce(num_children, 0) from parquet_schema({path_literal(file.path)})"
        ).fetchall()
    except duckdb.Error as error:
        raise InputError(parquet_is_broken(file.name)) from error
    return name_columns(_top_level_names(nodes), spec, aliases, file.name)


def prepare_parquet(
    connection: duckdb.DuckDBPyConnection,
    file: SourceFile,
    spec: TableSpec,
    aliases: ColumnAliases,
) -> ReadableFile:
    """Say how DuckDB is to read a Parquet file.

    Raises:
        InputError: the file is cut or damaged, as far as its footer tells, or holds no rows.
    """
    columns = name_parquet_columns(connection, file, spec, aliases)
    source = f"read_parquet({path_literal(file.path)}, hive_partitioning = false)"
    positional = ", ".join(f"c{index}" for index in range(len(columns.names)))
    relation = f"{source} as rows_of_file({positional})"
    try:
        described = connection.execute(f"describe select * from {relation}").fetchall()
        counted = connection.execute(
            f"select sum(num_rows) from parquet_file_metadata({path_literal(file.path)})"
        ).fetchone()
    except duckdb.Error as error:
        raise InputError(parquet_is_broken(file.name)) from error
    if counted is None or not counted[0]:
        raise NoRowsError(file.name)
    return ReadableFile(
        file=file,
        columns=columns.names,
        relation=relation,
        values=tuple(text_form_sql(name, column_type) for name, column_type, *_ in described),
        expected_rows=int(counted[0]),
        skipped_blank_rows=0,
        reread=None,
        notices=columns.notices,
    )


def parquet_is_broken(file: str) -> Problem:
    """The problem of a Parquet file that cannot be read to its end."""
    return Problem(
        "The Parquet file cannot be read: it is cut or damaged.",
        "Copy or export the file again.",
        file=file,
    )


def text_form_sql(value: str, column_type: str) -> str:
    """SQL of the text form of a typed value, NULL where it is unknown.

    Booleans are true or false, whole doubles have no fraction, NaN is unknown; days are YYYY-MM-DD;
    times are YYYY-MM-DD HH:MM:SS with a fraction if there is one, in UTC, with a Z where the type
    says that it is an instant; lists are joined by `;`; structures are JSON.
    """
    kind = column_type.upper()
    if kind.endswith("[]"):
        element = text_form_sql("element", column_type[:-2])
        joined = (
            f"array_to_string(list_filter(list_transform({value}, lambda element: {element}), "
            "lambda item: item is not null), ';')"
        )
        return f"nullif({joined}, '')"
    if kind in {"DOUBLE", "FLOAT"}:
        return (
            f"case when isnan({value}) then null when {value} = 0 then '0' "
            f"else regexp_replace(cast({value} as varchar), '\\.0$', '') end"
        )
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"cast({value} at time zone 'UTC' as varchar) || 'Z'"
    if kind == "TIMESTAMP_NS":
        return f"cast(cast({value} as timestamp) as varchar)"
    if kind == "BLOB":
        # Old writers store text as bytes; what is no text keeps DuckDB's escapes.
        return trimmed_sql(f"coalesce(try(decode({value})), cast({value} as varchar))")
    if kind.startswith(("STRUCT", "MAP", "UNION")):
        return f"cast(to_json({value}) as varchar)"
    if kind == "VARCHAR":
        return trimmed_sql(value)
    if kind.startswith(("ENUM", "JSON")):
        return trimmed_sql(f"cast({value} as varchar)")
    return f"cast({value} as varchar)"


def _top_level_names(nodes: list[tuple[str, int]]) -> list[str]:
    """Names of the columns in a schema that is listed depth first, its root before them."""
    names: list[str] = []
    place = 1
    while place < len(nodes):
        names.append(nodes[place][0])
        unread = 1
        while unread and place < len(nodes):
            unread += nodes[place][1] - 1
            place += 1
    return names
