# ruff: noqa: S608 - names are quoted by identifier(), texts by literal().
"""What the raw tables hold, in numbers: computed in DuckDB, kept for the builds that follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import duckdb

from orchestration.lib.publishing.sql_text import identifier
from orchestration.lib.quality.checked_tables import CheckedTable
from orchestration.lib.quality.raw_columns import ColumnProfile, column_profiles
from orchestration.lib.settings import Settings

# Above it the number of distinct rows is estimated, to a few in a hundred.
_MOST_COUNTED_ROWS = 5_000_000


@dataclass(frozen=True)
class TableProfile:
    """One raw table. Counts are of rows.

    Attributes:
        rows: all of them.
        past_rows: those dated before the as-of day, None where rows have no time.
        lacking_key: without an id, None where rows have none.
        lacking_person: about nobody, None where rows are about nobody.
        unreadable_times: without a readable time, None where rows have none.
        unknown_types: of a type that nobody knows, None where rows have none.
        unknown_persons: about a person whom no record knows, None where nobody looks them up.
        future_rows: dated after the day of the build, None where rows have no time.
        doubled_rows: more than one of the same id, or of the same content without one.
        top_type_share: highest share of one type on a past day that had enough rows.
        hours: shares of the 24 hours among past working days, empty where there are too few.
        hours_seen: largest difference of one such day from them.
        columns: the columns by name.
    """

    rows: int
    past_rows: int | None = None
    lacking_key: int | None = None
    lacking_person: int | None = None
    unreadable_times: int | None = None
    unknown_types: int | None = None
    unknown_persons: int | None = None
    future_rows: int | None = None
    doubled_rows: int | None = None
    top_type_share: float | None = None
    hours: Sequence[float] = ()
    hours_seen: float = 0.0
    columns: Mapping[str, ColumnProfile] = field(default_factory=dict)


@dataclass(frozen=True)
class RawProfile:
    """All raw tables by `source.table`, as of a day; `is_provisional` while it was open.

    `missed_days` are the business days without a row by source.
    """

    as_of_date: date
    is_provisional: bool
    tables: Mapping[str, TableProfile]
    missed_days: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As the manifest holds it; columns as short lists."""
        return {
            "as_of_date": self.as_of_date.isoformat(),
            "is_provisional": self.is_provisional,
            "missed_days": dict(self.missed_days),
            "tables": {
                name: {
                    **asdict(table),
                    "hours": list(table.hours),
                    "columns": {
                        column: list(asdict(profile).values())
                        for column, profile in table.columns.items()
                    },
                }
                for name, table in self.tables.items()
            },
        }


def profile_from_json(content: Mapping[str, Any]) -> RawProfile | None:
    """The profile of a manifest; None where it has none, or one that another version wrote."""
    try:
        return RawProfile(
            date.fromisoformat(content["as_of_date"]),
            bool(content["is_provisional"]),
            {
                name: TableProfile(
                    **{
                        **table,
                        "columns": {
                            column: ColumnProfile(*values)
                            for column, values in table["columns"].items()
                        },
                    }
                )
                for name, table in content["tables"].items()
            },
            content["missed_days"],
        )
    except (KeyError, TypeError, ValueError):
        return None


def profile_tables(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    tables: Sequence[CheckedTable],
    latest_day: date,
) -> dict[str, TableProfile]:
    """The profile of each table, out of `raw_moments` and the tables; days are left out."""
    counted = connection.execute(
        """
        select
            table_id,
            sum(row_count),
            coalesce(sum(row_count) filter (day < $as_of), 0),
            coalesce(sum(row_count) filter (lacks_key), 0),
            coalesce(sum(row_count) filter (lacks_person), 0),
            coalesce(sum(row_count) filter (day is null), 0),
            coalesce(sum(row_count) filter (is_unknown_type), 0),
            coalesce(sum(row_count) filter (is_unknown_person), 0),
            coalesce(sum(row_count) filter (day > $latest), 0)
        from raw_moments
        group by table_id
        """,
        {"as_of": settings.as_of_date, "latest": latest_day},
    ).fetchall()
    counts = {row[0]: [int(number) for number in row[1:]] for row in counted}
    profiles = {}
    for table in tables:
        rows, past, key, person, unread, kind, stranger, future = counts.get(
            table.table_id, [0] * 8
        )
        has_key = table.key is not None and key < rows
        profiles[table.table_id] = TableProfile(
            rows=rows,
            past_rows=past if table.is_dated else None,
            lacking_key=key if table.key else None,
            lacking_person=person if table.person else None,
            unreadable_times=unread if table.is_dated else None,
            unknown_types=kind if table.type else None,
            unknown_persons=stranger if table.known_in else None,
            future_rows=future if table.is_dated else None,
            doubled_rows=_doubled_rows(connection, table, rows, has_key=has_key),
            columns=column_profiles(connection, table, rows),
        )
    return profiles


def _doubled_rows(
    connection: duckdb.DuckDBPyConnection, table: CheckedTable, rows: int, *, has_key: bool
) -> int | None:
    """Rows beyond the first of the same id; without ids, of the same content."""
    if rows == 0 or not (has_key or table.is_dated):
        return None
    if has_key:
        value, condition = table.key, f"({table.key}) is not null"
    else:
        parts = ", ".join(f"raw.{identifier(column)}" for column in table.texts)
        value, condition = f"hash({parts})", "true"
    count = "approx_count_distinct" if rows > _MOST_COUNTED_ROWS else "count(distinct "
    counted = f"{count}({value})" if rows > _MOST_COUNTED_ROWS else f"{count}{value})"
    row = connection.execute(
        f"select count(*) - {counted} from {table.relation} as raw where {condition}"
    ).fetchone()
    return max(0, int(row[0])) if row else None
