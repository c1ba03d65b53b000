# ruff: noqa: S608 - names are quoted by identifier().
"""The columns of a raw table: whether they have values, and what form these have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from orchestration.lib.publishing.sql_text import identifier, literal
from orchestration.lib.quality.checked_tables import CheckedTable

# Rows that are looked at, from the beginning and from the end; the same ones in every build, so
# that nothing but the data can change what is seen.
_FIRST_ROWS = 4_096
_LAST_ROWS = 2_048
_FORMS = """
    case
        when regexp_full_match(value, '[+-]?[0-9]{1,18}') then 'whole number'
        when regexp_full_match(value, '[+-]?([0-9]+[.][0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,3})?')
            then 'number'
        when regexp_full_match(value, '[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}') then 'day'
        when regexp_matches(value, '^[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}[T ][0-9]{1,2}:')
            then 'time'
        when lower(value) in ('true', 'false') then 'yes or no'
        else 'text'
    end
"""


@dataclass(frozen=True)
class ColumnProfile:
    """A column: its type in the database, how many rows fill it, and what forms the values have.

    `filled_share` is of the rows, `forms` are shares of the filled values; both are of a sample.
    """

    data_type: str
    filled_share: float
    forms: Mapping[str, float]


def column_profiles(
    connection: duckdb.DuckDBPyConnection, table: CheckedTable, rows: int
) -> dict[str, ColumnProfile]:
    """The columns of a table that any row fills, by name."""
    counts = _form_counts(connection, table, rows)
    sampled = counts.get("", {}).get("", 0)
    profiles = {}
    for column, data_type in table.types.items():
        forms = counts.get(column, {})
        filled = sum(forms.values())
        share = filled / sampled if sampled else 0.0
        if not filled and rows > sampled:
            # What a sample does not show may still be there.
            share = _filled_rows(connection, table, column) / rows
        if share:
            profiles[column] = ColumnProfile(
                data_type,
                round(share, 6),
                {form: round(number / filled, 4) for form, number in sorted(forms.items())},
            )
    return profiles


def _form_counts(
    connection: duckdb.DuckDBPyConnection, table: CheckedTable, rows: int
) -> dict[str, dict[str, int]]:
    """Values by column and form; under the empty name the number of sampled rows."""
    if rows == 0:
        return {}
    columns = ", ".join(
        f"{text}::varchar as {identifier(column)}" for column, text in table.texts.items()
    )
    _sample(connection, table.relation, columns, rows)
    pairs = ", ".join(
        f"{{'name': {literal(column)}, 'value': {identifier(column)}}}" for column in table.texts
    )
    found = connection.execute(f"""
        with
        pairs as (select unnest([{pairs}]) as pair from sampled_rows),
        filled as (select pair.name as name, pair.value as value from pairs)
        select name, {_FORMS} as form, count(*) from filled where value is not null group by all
        union all
        select '', '', count(*) from sampled_rows
    """).fetchall()
    connection.execute("drop table sampled_rows")
    counts: dict[str, dict[str, int]] = {}
    for name, form, number in found:
        counts.setdefault(str(name), {})[str(form)] = int(number)
    return counts


def _sample(connection: duckdb.DuckDBPyConnection, relation: str, columns: str, rows: int) -> None:
    """The table `sampled_rows`: all rows of a small table, both ends of a large one."""
    parts = [f"select * from {relation}"]
    if rows > _FIRST_ROWS + _LAST_ROWS:
        parts = [
            f"select * from {relation} where rowid < {_FIRST_ROWS}",
            f"select * from {relation} where rowid >= {rows - _LAST_ROWS}",
        ]
    create = "create or replace temp table sampled_rows as"
    try:
        connection.execute(f"{create} select {columns} from ({' union all '.join(parts)}) as raw")
    except duckdb.BinderException:
        # A view has no row numbers.
        connection.execute(
            f"{create} select {columns} from (select * from {relation} limit {_FIRST_ROWS}) as raw"
        )


def _filled_rows(connection: duckdb.DuckDBPyConnection, table: CheckedTable, column: str) -> int:
    row = connection.execute(
        f"select count({table.texts[column]}) from {table.relation} as raw"
    ).fetchone()
    return int(row[0]) if row else 0
