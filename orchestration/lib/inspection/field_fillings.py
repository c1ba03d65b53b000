"""How well fields are filled, and with what: counts, shapes and frequent values of a table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from orchestration.lib.inspection.personal_fields import PersonalFields
from orchestration.lib.publishing.sql_text import literal

if TYPE_CHECKING:
    import duckdb

_FREQUENT_VALUES = 5
# More different values than this are no list to choose from.
_FEW_VALUES = 50
_LONGEST_VALUE = 60
# A statement with thousands of columns is slow to plan.
_COLUMNS_AT_ONCE = 100
_FIRST_ROWS = 2048


@dataclass(frozen=True)
class FrequentValue:
    """A value and the number of rows that have it."""

    value: str
    rows: int


@dataclass(frozen=True)
class Filling:
    """How a field is filled: rows of its table, those with a value, and the frequent values.

    `distinct_values` is approximate; `lowest` and `highest` are known if all values are numbers.
    Values that one row alone has are never listed.
    """

    rows: int
    known_rows: int
    distinct_values: int
    looks_like_numbers: bool = False
    looks_like_days: bool = False
    lowest: float | None = None
    highest: float | None = None
    frequent_values: tuple[FrequentValue, ...] = ()

    @property
    def known_share(self) -> Decimal:
        """Share of the rows with a value, 0 to 1, cut to four decimals."""
        return Decimal(self.known_rows * 10_000 // self.rows if self.rows else 0).scaleb(-4)


def read_fillings(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    expressions: Mapping[str, str],
    personal: PersonalFields,
) -> dict[str, Filling]:
    """The filling of every field; `expressions` are SQL over the table, by field."""
    fields = list(expressions)
    found: dict[str, Filling] = {}
    for first in range(0, len(fields), _COLUMNS_AT_ONCE):
        part = {field: expressions[field] for field in fields[first : first + _COLUMNS_AT_ONCE]}
        found |= _with_shapes(connection, table, part, _counted(connection, table, part))
        few = {
            field: found[field]
            for field in part
            if not personal.is_personal(field) and 0 < found[field].distinct_values <= _FEW_VALUES
        }
        found |= _with_values(connection, table, part, few)
    return found


def _counted(
    connection: duckdb.DuckDBPyConnection, table: str, expressions: Mapping[str, str]
) -> dict[str, Filling]:
    """Rows, known and distinct values: one pass over the table."""
    columns = "".join(
        f", count({sql}), approx_count_distinct({sql})" for sql in expressions.values()
    )
    row = connection.execute(f"select count(*){columns} from {table}").fetchall()[0]  # noqa: S608
    return {
        field: Filling(row[0], *row[1 + 2 * place : 3 + 2 * place])
        for place, field in enumerate(expressions)
    }


def _with_shapes(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    expressions: Mapping[str, str],
    fillings: Mapping[str, Filling],
) -> dict[str, Filling]:
    """The fillings with what their values look like.

    A cast that fails is slow, so only columns whose first rows are numbers, or days, are read to
    their end.
    """
    first_rows = f"(select * from {table} limit {_FIRST_ROWS}) as first_rows"  # noqa: S608
    numbers = _columns_of_numbers(connection, first_rows, expressions)
    numbers = _columns_of_numbers(
        connection, table, {field: expressions[field] for field in numbers}
    )
    days = _columns_of_days(connection, first_rows, expressions)
    days = _columns_of_days(connection, table, {field: expressions[field] for field in days})
    return {
        field: replace(
            filling,
            looks_like_numbers=field in numbers,
            looks_like_days=field in days,
            lowest=numbers.get(field, (None, None))[0],
            highest=numbers.get(field, (None, None))[1],
        )
        for field, filling in fillings.items()
    }


def _columns_of_numbers(
    connection: duckdb.DuckDBPyConnection, table: str, expressions: Mapping[str, str]
) -> dict[str, tuple[float | None, float | None]]:
    """The fields whose known values are all finite numbers, with the lowest and the highest."""
    if not expressions:
        return {}
    columns = ", ".join(
        f"count({sql}), count(try_cast({sql} as double)),"
        f" min(try_cast({sql} as double)), max(try_cast({sql} as double))"
        for sql in expressions.values()
    )
    row = connection.execute(f"select {columns} from {table}").fetchall()[0]  # noqa: S608
    parts = {field: row[4 * place : 4 * place + 4] for place, field in enumerate(expressions)}
    return {
        field: (lowest, highest)
        for field, (known, numbers, lowest, highest) in parts.items()
        if known == numbers
        and all(bound is None or math.isfinite(bound) for bound in (lowest, highest))
    }


def _columns_of_days(
    connection: duckdb.DuckDBPyConnection, table: str, expressions: Mapping[str, str]
) -> list[str]:
    """The fields whose known values all begin as a day does."""
    if not expressions:
        return []
    columns = ", ".join(
        f"coalesce(bool_and({sql} like '____-__-__%'), true)" for sql in expressions.values()
    )
    row = connection.execute(f"select {columns} from {table}").fetchall()[0]  # noqa: S608
    return [field for field, is_day in zip(expressions, row, strict=True) if is_day]


def _with_values(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    expressions: Mapping[str, str],
    fillings: Mapping[str, Filling],
) -> dict[str, Filling]:
    """The fillings with their frequent values: one more pass over the table."""
    if not fillings:
        return {}
    values = ", ".join(
        f"{{'field': {literal(field)}, 'counts': histogram({expressions[field]})}}"
        for field in fillings
    )
    rows = connection.execute(
        f"""
        with

        histograms as (

            select unnest([{values}], recursive := true) from {table}

        ),

        counted as (

            select field, unnest(map_entries(counts), recursive := true) from histograms

        )

        select field, key, value
        from counted
        where value > 1 and length(key) <= {_LONGEST_VALUE} and position('@' in key) = 0
        qualify row_number() over (partition by field order by value desc, key)
            <= {_FREQUENT_VALUES}
        order by field, value desc, key
        """  # noqa: S608 - quoted names
    ).fetchall()
    frequent: dict[str, list[FrequentValue]] = {}
    for field, value, count in rows:
        frequent.setdefault(field, []).append(FrequentValue(value, count))
    return {
        field: replace(filling, frequent_values=tuple(frequent.get(field, ())))
        for field, filling in fillings.items()
    }
