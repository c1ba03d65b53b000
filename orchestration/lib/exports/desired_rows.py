# ruff: noqa: S608 - names are quoted by identifier(), texts by literal().
"""What a destination should hold: the rows of a published model, as text under its field names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb

from orchestration.lib.exports.sync import FieldMapping, Sync
from orchestration.lib.problems import InputError, Problem
from orchestration.lib.publishing.sql_text import identifier, literal

SNAPSHOT = "snapshot.marts"
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DECIMAL", "DOUBLE", "FLOAT")


@dataclass(frozen=True)
class ModelColumns:
    """Columns of the model of a sync with their types; `row_key` is the first."""

    types: Mapping[str, str]

    @property
    def row_key(self) -> str:
        """The column that names a row."""
        return next(iter(self.types))

    @property
    def has_leads(self) -> bool:
        """Whether a row is about one lead, so that exclusions hold it back."""
        return "lead_id" in self.types

    @property
    def has_clearing(self) -> bool:
        """Whether rows can say that the fields of a record are to be emptied."""
        return "is_clearing" in self.types


def model_columns(
    connection: duckdb.DuckDBPyConnection, sync: Sync, language: str, file: str
) -> ModelColumns:
    """Look up the model in the snapshot, and every column that the sync names in the model.

    Raises:
        InputError: it is not published, or has no such column.
    """
    rows = connection.execute(
        "select column_name, upper(data_type) from duckdb_columns()"
        " where database_name = 'snapshot' and schema_name = 'marts' and table_name = ?"
        " order by column_index",
        [sync.model],
    ).fetchall()
    if not rows:
        raise InputError(_unknown_model(connection, sync, file))
    types = {str(name): str(kind) for name, kind in rows}
    named = {f"fields.{name}": field.column for name, field in sync.columns(language).items()}
    named["match_column"] = match_column(sync, ModelColumns(types))
    if sync.file is not None:
        named |= {f"file.order_by {column}": column for column in sync.file.order_by}
    problems = [
        _problem(file, sync, key, f"{sync.model} has no column '{column}'.", _close(column, types))
        for key, column in named.items()
        if column not in types
    ]
    problems += [
        _problem(
            file,
            sync,
            f"fields.{name}",
            f"the column {field.column} holds no numbers.",
            "Remove round and min_change.",
        )
        for name, field in sync.columns(language).items()
        if (field.round is not None or field.min_change is not None)
        and not types.get(field.column, "DOUBLE").startswith(_NUMBERS)
    ]
    if problems:
        raise InputError(problems)
    return ModelColumns(types)


def match_column(sync: Sync, columns: ModelColumns) -> str:
    """The column whose value finds the record."""
    if sync.match_column is not None:
        return sync.match_column
    if sync.match_key in ("record_id", "email"):
        return sync.match_key
    return "lead_id" if sync.match_key and columns.has_leads else columns.row_key


def make_desired_rows(
    connection: duckdb.DuckDBPyConnection, sync: Sync, language: str, columns: ModelColumns
) -> None:
    """Fill the table `desired`: a row each of the model, `fields` as a JSON object of texts."""
    mapping = sync.columns(language)
    fields = ", ".join(
        f"{literal(name)}, {field_text(mapping[name], columns.types)}" for name in sorted(mapping)
    )
    lead = "cast(lead_id as varchar)" if columns.has_leads else "cast(null as varchar)"
    is_clearing = "coalesce(is_clearing, false)" if columns.has_clearing else "false"
    matched = identifier(match_column(sync, columns))
    connection.execute(
        f"""
        create or replace table desired as
        select
            cast({identifier(columns.row_key)} as varchar) as row_key,
            {lead} as lead_id,
            nullif(trim(cast({matched} as varchar)), '') as match_value,
            {is_clearing} as is_clearing,
            cast(json_object({fields}) as varchar) as fields
        from {SNAPSHOT}.{identifier(sync.model)}
        """
    )


def field_text(field: FieldMapping, types: Mapping[str, str]) -> str:
    """The text of a value: plain decimals, days and times as ISO 8601, true and false."""
    column, kind = identifier(field.column), types[field.column]
    if field.round is not None:
        column = f"round(cast({column} as decimal(38, 10)), {field.round})"
    if kind.startswith("TIMESTAMP"):
        return f"strftime({column}, '%Y-%m-%dT%H:%M:%SZ')"
    text = f"cast({column} as varchar)"
    if kind.startswith(("DECIMAL", "DOUBLE", "FLOAT")) or field.round is not None:
        text = (
            f"case when contains({text}, '.') then rtrim(rtrim({text}, '0'), '.') else {text} end"
        )
    return f"nullif({text}, '')"


def _unknown_model(connection: duckdb.DuckDBPyConnection, sync: Sync, file: str) -> Problem:
    rows = connection.execute(
        "select table_name from duckdb_tables() where database_name = 'snapshot'"
    ).fetchall()
    return _problem(
        file,
        sync,
        "model",
        f"the published snapshot has no table '{sync.model}'.",
        f"{_close(sync.model, [str(name) for (name,) in rows])} Or run `leads build` first.",
    )


def _close(name: str, known: Iterable[str]) -> str:
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1)
    return f"Write '{close[0]}'." if close else f"Known: {', '.join(sorted(names))}."


def _problem(file: str, sync: Sync, key: str, message: str, remedy: str) -> Problem:
    return Problem(f"entry {sync.name}, key {key}: {message}", remedy, file)
