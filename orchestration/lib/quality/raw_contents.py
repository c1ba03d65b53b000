"""Whether rows can be used: ids, people, times, types, and hours of the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import duckdb

from orchestration.lib.quality.checked_tables import CheckedTable
from orchestration.lib.quality.limits import Limit, Limits
from orchestration.lib.quality.measures import Measure, measure
from orchestration.lib.quality.raw_profile import RawProfile, TableProfile
from orchestration.lib.quality.raw_volumes import NewDays

# Working days whose hours of the day are compared with those of a new day.
_DAYS_WITH_HOURS = 20

_TOP_TYPES = """
    select table_id, day, max(row_count) / sum(row_count) as share, sum(row_count) as row_count
    from (
        select table_id, day, type_bucket, sum(row_count) as row_count
        from raw_moments
        where type_bucket is not null and day between $first_day and $last_day
        group by all
    ) as counted
    group by table_id, day
    having sum(row_count) >= $min_count
"""

# The share of each hour on each working day that is over and has enough rows with an hour.
_HOURS = """
    create or replace temp table day_hours as
    with
    counted as (
        select raw_moments.table_id, raw_moments.day, hour, sum(row_count) as row_count
        from raw_moments
        inner join calendar_days
            on raw_moments.day = calendar_days.day and calendar_days.kind = 'working day'
        where hour is not null and raw_moments.day <= $last_day
        group by all
    ),
    totals as (
        select table_id, day, sum(row_count) as row_count
        from counted group by all having sum(row_count) >= $min_count
    ),
    recent as (
        select *, row_number() over (partition by table_id order by day desc) as number_back
        from totals where day < $first_day
    )
    select counted.*, counted.row_count / totals.row_count as share, recent.number_back
    from counted
    inner join totals
        on counted.table_id = totals.table_id and counted.day = totals.day
    left join recent
        on counted.table_id = recent.table_id and counted.day = recent.day
    where counted.day >= $first_day or recent.number_back <= $days
"""

_USUAL_HOURS = """
    select table_id, hour, sum(row_count) / sum(sum(row_count)) over (partition by table_id)
    from day_hours where number_back is not null group by table_id, hour
"""

# Half the sum of the differences: the share of rows that would have to move to another hour.
_HOUR_DIFFERENCES = """
    select days.table_id, days.day, days.number_back is null as is_new,
        0.5 * sum(abs(coalesce(day_hours.share, 0) - usual_hours.share))
    from (select distinct table_id, day, number_back from day_hours) as days
    inner join usual_hours
        on days.table_id = usual_hours.table_id
    left join day_hours
        on
            days.table_id = day_hours.table_id and days.day = day_hours.day
            and usual_hours.hour = day_hours.hour
    group by all
    order by all
"""


@dataclass(frozen=True)
class _Share:
    """A kind of unusable row: its limit, and how the profile of a table counts it."""

    check_id: str
    counted: str
    words: str
    # Whether the limit is on all rows too, and whether what was usual before is taken off.
    is_of_all_rows: bool
    is_growth: bool


_SHARES = (
    _Share("raw_missing_ids", "lacking_key", "lack their id", True, False),
    _Share("raw_missing_ids", "lacking_person", "say of nobody", True, False),
    _Share("raw_unreadable_times", "unreadable_times", "have no readable time", False, False),
    _Share("raw_unknown_types", "unknown_types", "are of an unknown type", False, True),
    _Share("raw_unknown_persons", "unknown_persons", "are about unknown people", False, True),
    _Share("raw_future_rows", "future_rows", "are dated in the future", False, False),
    _Share("raw_doubled_keys", "doubled_rows", "repeat the id of another row", True, False),
    _Share("raw_doubled_rows", "doubled_rows", "equal another row in everything", False, True),
)


def share_measures(
    limits: Limits,
    tables: Sequence[CheckedTable],
    now: Mapping[str, TableProfile],
    served: RawProfile | None,
) -> list[Measure]:
    """Unusable rows as shares: of all rows, and of those that came since the served build."""
    measures = []
    for table in tables:
        profile = now[table.table_id]
        before = None if served is None else served.tables.get(table.table_id)
        for share in _SHARES:
            if _applies(share, table, profile, before):
                limit = limits.get(share.check_id, table.table_id)
                found = _share_measure(share, limit, table, profile, before)
                if found is not None:
                    measures.append(found)
    return measures


def _applies(
    share: _Share, table: CheckedTable, now: TableProfile, before: TableProfile | None
) -> bool:
    had_key = before is not None and (before.lacking_key or 0) < before.rows
    has_key = now.lacking_key is not None and now.lacking_key < now.rows
    match share.check_id, share.counted:
        case "raw_missing_ids", "lacking_key":
            # Where ids are optional, rows without are in order unless they used to have them.
            was_filled = had_key and before is not None and not before.lacking_key
            return table.is_key_required or was_filled
        case "raw_doubled_keys", _:
            return has_key
        case "raw_doubled_rows", _:
            return not has_key and not had_key
        case _:
            return True


def _share_measure(
    share: _Share,
    limit: Limit,
    table: CheckedTable,
    now: TableProfile,
    before: TableProfile | None,
) -> Measure | None:
    bad = getattr(now, share.counted)
    if bad is None or now.rows == 0:
        return None
    bad_before = 0 if before is None else getattr(before, share.counted) or 0
    rows_before = 0 if before is None else before.rows
    value, said = 0.0, f"no more rows than usual {share.words}"
    if share.is_of_all_rows and bad >= limit.min_count:
        value, said = bad / now.rows, f"{bad:,} of {now.rows:,} rows {share.words}"
    new_bad = max(0, bad - bad_before)
    if before is not None and new_bad >= limit.min_count:
        # Rows that went at the same time hide as many new ones.
        new_rows = max(now.rows - rows_before, new_bad)
        new_share = new_bad / new_rows
        if share.is_growth and rows_before:
            new_share = max(0.0, new_share - bad_before / rows_before)
        if new_share > value:
            value = new_share
            said = f"{new_bad:,} of {new_rows:,} rows since the served build {share.words}"
    elif before is None and share.is_growth:
        return None
    subject = table.table_id
    if share.counted == "lacking_person":
        subject = f"{table.table_id}, people"
    return measure(limit, subject, round(value, 4), said)


def type_measures(
    connection: duckdb.DuckDBPyConnection,
    limits: Limits,
    now: dict[str, TableProfile],
    served: RawProfile | None,
    days: NewDays,
) -> list[Measure]:
    """Share of the most frequent type on each new day; notes in `now` what past days showed."""
    limit = limits.get("raw_single_type", "all")
    rows = connection.execute(
        _TOP_TYPES,
        {
            "first_day": days.first - timedelta(days=limit.compared_days),
            "last_day": days.last,
            "min_count": limit.min_count,
        },
    ).fetchall()
    past: dict[str, float] = {}
    for table, day, share, _ in rows:
        if day < days.first:
            past[table] = max(past.get(table, 0.0), float(share))
        now[table] = replace(
            now[table], top_type_share=max(now[table].top_type_share or 0.0, round(share, 4))
        )
    measures = []
    for table, day, share, count in rows:
        before = None if served is None else served.tables.get(table)
        seen = past.get(table) if before is None else before.top_type_share
        if day < days.first or seen is None:
            continue
        own = limits.get("raw_single_type", table)
        high = own.high if own.high is None else max(own.high, (1 + seen) / 2)
        said = (
            f"of {count:,.0f} rows on {day} the most frequent type has {share:.0%};"
            f" it never had more than {seen:.0%}"
        )
        severity = "warning" if served is None and own.severity == "error" else own.severity
        subject = f"{table} on {day}"
        measures.append(Measure(own, subject, round(share, 4), own.low, high, said, severity))
    return measures


def hour_measures(
    connection: duckdb.DuckDBPyConnection,
    limits: Limits,
    now: dict[str, TableProfile],
    served: RawProfile | None,
    days: NewDays,
) -> list[Measure]:
    """How far the hours of new working days lie from the usual; notes these in `now`."""
    limit = limits.get("raw_hours", "all")
    connection.execute(
        _HOURS,
        {
            "first_day": days.first,
            "last_day": days.last_closed,
            "min_count": limit.min_count,
            "days": _DAYS_WITH_HOURS,
        },
    )
    own_hours: dict[str, list[float]] = {}
    for table, hour, share in connection.execute(_USUAL_HOURS).fetchall():
        own_hours.setdefault(table, [0.0] * 24)[hour] = round(float(share), 5)
    own_seen: dict[str, float] = {}
    for table, _, is_new, difference in _differences(connection, own_hours):
        if not is_new:
            own_seen[table] = max(own_seen.get(table, 0.0), round(difference, 4))
    usual, seen = dict(own_hours), dict(own_seen)
    if served is not None:
        # What the served build saw holds even where all rows have been shifted since.
        for table, before in served.tables.items():
            if before.hours:
                usual[table], seen[table] = list(before.hours), before.hours_seen
    for table, hours in own_hours.items():
        now[table] = replace(now[table], hours=hours, hours_seen=own_seen.get(table, 0.0))
    measures = []
    for table, day, is_new, difference in _differences(connection, usual):
        if not is_new:
            continue
        own = limits.get("raw_hours", table)
        high = own.high if own.high is None else max(own.high, seen.get(table, 0.0))
        said = f"{difference:.0%} of the rows on {day} are of other hours than usual"
        severity = "warning" if served is None and own.severity == "error" else own.severity
        subject = f"{table} on {day}"
        measures.append(Measure(own, subject, round(difference, 4), own.low, high, said, severity))
    return measures


def _differences(
    connection: duckdb.DuckDBPyConnection, usual: Mapping[str, Sequence[float]]
) -> list[tuple[str, object, bool, float]]:
    connection.execute(
        "create or replace temp table usual_hours (table_id varchar, hour integer, share double)"
    )
    rows = [
        (table, hour, share) for table, hours in usual.items() for hour, share in enumerate(hours)
    ]
    if rows:
        connection.executemany("insert into usual_hours values (?, ?, ?)", rows)
    return [
        (str(table), day, bool(is_new), float(difference))
        for table, day, is_new, difference in connection.execute(_HOUR_DIFFERENCES).fetchall()
    ]
