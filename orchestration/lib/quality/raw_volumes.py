"""Whether as many rows came as come on such days, and whether what is past is still there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb

from orchestration.lib.quality.calendar import Calendar
from orchestration.lib.quality.checked_tables import CheckedTable
from orchestration.lib.quality.limits import Limits
from orchestration.lib.quality.measures import Measure, measure
from orchestration.lib.quality.raw_profile import RawProfile, TableProfile

# Days of the same kind that tell what is usual now; a working week.
_USUAL_DAYS = 5
# A working day with as many closed days within as many days about it: nobody knows what is usual.
_CLOSED_DAYS_ABOUT, _DAYS_ABOUT = 2, 4

# For each table and day the rows, the median of the days of its kind before, and the extremes of
# that ratio on past days. Planned days say nothing of what is usual.
_DAY_ROWS = """
    with
    dated as (
        select table_id, day, sum(row_count) as row_count
        from raw_moments
        where day is not null and day <= $last_day
        group by table_id, day
    ),
    begins as (
        -- A few rows with a wrong clock are no beginning.
        select table_id, min(day) as first_day
        from (
            select
                table_id, day,
                sum(row_count) over (partition by table_id order by day) as rows_until,
                sum(row_count) over (partition by table_id) as rows_in_all
            from dated
        ) as cumulated
        where rows_until >= 0.01 * rows_in_all
        group by table_id
    ),
    days as (
        select
            begins.table_id,
            calendar_days.day,
            calendar_days.kind,
            coalesce(dated.row_count, 0) as row_count,
            planned_days.day is not null as is_planned
        from begins
        inner join calendar_days
            on begins.first_day <= calendar_days.day
        left join dated
            on begins.table_id = dated.table_id and calendar_days.day = dated.day
        left join planned_days
            on
                calendar_days.day = planned_days.day
                and begins.table_id = planned_days.table_id
    ),
    usual as (
        select
            days.*,
            median(row_count) filter (not is_planned) over recent as usual_rows,
            count(*) filter (not is_planned) over recent as usual_days,
            max(row_count) filter (not is_planned) over before as most_rows
        from days
        window
            recent as (
                partition by table_id, kind order by day
                rows between $usual_days preceding and 1 preceding
            ),
            before as (
                partition by table_id order by day
                rows between $record_days preceding and 1 preceding
            )
    ),
    ratios as (
        select
            usual.*,
            case
                when usual_days = $usual_days and usual_rows > 0 and not is_planned
                    then row_count / usual_rows
            end as ratio
        from usual
    ),
    seen as (
        select
            ratios.*,
            min(ratio) over past as lowest_ratio,
            max(ratio) over past as highest_ratio
        from ratios
        window past as (
            partition by table_id, kind order by day
            rows between $compared_days preceding and 1 preceding
        )
    ),
    -- What a working day has is never too much on another day.
    working as (
        select table_id, day, usual_rows from usual where kind = 'working day'
    )
    select
        seen.table_id,
        seen.day,
        seen.kind,
        seen.row_count,
        case when seen.usual_days = $usual_days then seen.usual_rows end as usual_rows,
        seen.lowest_ratio,
        seen.highest_ratio,
        seen.most_rows,
        working.usual_rows as working_rows
    from seen
    asof left join working
        on seen.table_id = working.table_id and seen.day >= working.day
    where seen.day between $first_day and $last_day
    order by seen.table_id, seen.day
"""


@dataclass(frozen=True)
class NewDays:
    """The days that no published build has judged as closed ones.

    `last` is the as-of day, `is_open` while it still goes on. `since` are the days since the
    served snapshot, None where nothing is served.
    """

    first: date
    last: date
    is_open: bool
    since: int | None

    @property
    def last_closed(self) -> date:
        """The last day that is over."""
        return self.last - timedelta(days=1) if self.is_open else self.last


def day_measures(
    connection: duckdb.DuckDBPyConnection,
    limits: Limits,
    calendar: Calendar,
    days: NewDays,
) -> list[Measure]:
    """Rows of each new day and table against the days of its kind before it."""
    limit, record = limits.get("raw_day_rows", "all"), limits.get("raw_day_record", "all")
    rows = connection.execute(
        _DAY_ROWS,
        {
            "first_day": days.first,
            "last_day": days.last,
            "usual_days": _USUAL_DAYS,
            "compared_days": limit.compared_days or 8 * _USUAL_DAYS,
            "record_days": record.compared_days or 16 * _USUAL_DAYS,
        },
    ).fetchall()
    newest = newest_days(connection, days)
    # Days that a source has not reached yet are missed days.
    reached = [row for row in rows if row[1] <= newest[row[0].partition(".")[0]]]
    found = (_day_measure(limits, calendar, days, row) for row in reached)
    return [entry for entry in found if entry is not None]


def _day_measure(
    limits: Limits, calendar: Calendar, days: NewDays, row: tuple[Any, ...]
) -> Measure | None:
    table, day, kind, count, own, lowest, highest, most, working = row
    limit = limits.get("raw_day_rows", table)
    record = limits.get("raw_day_record", table).high or 1.0
    number, usual = float(count), None if own is None else float(own)
    other = 0.0 if working is None or kind == "working day" else float(working)
    base = max(usual or 0.0, other)
    if base == 0:
        return None
    low = None if limit.low is None else min(limit.low, _number(lowest, limit.low))
    high = None
    if limit.high is not None:
        # Days on which much comes at once are rare in some tables, and usual for all that.
        high = max(limit.high, _number(highest, limit.high), record * _number(most, 0) / base)
    factors = calendar.planned_factors(table, day)
    if low is not None and factors:
        low = min(low, *(low * factor for factor in factors))
    if high is not None:
        high = max(high, *(high * factor for factor in factors), high)
        high += calendar.planned_rows(table, day, day) / base
    # Too few can only be said of a day that is over, and of its own kind.
    if usual is None or usual < max(limit.min_count, other) or (days.is_open and day == days.last):
        low = None
    if number - base < limit.min_count:
        high = None
    if low is None and high is None:
        return None
    said = f"{number:,.0f} rows on {day}, a {kind}; {base:,.0f} are usual"
    is_unsure = days.since is None or _is_near_closure(calendar, day)
    severity = "warning" if is_unsure and limit.severity == "error" else limit.severity
    subject = f"{table} on {day}"
    return Measure(limit, subject, round(number / base, 4), low, high, said, severity)


def _is_near_closure(calendar: Calendar, day: date) -> bool:
    about = range(-_DAYS_ABOUT, _DAYS_ABOUT + 1)
    closed = sum(calendar.kind(day + timedelta(days=step)) == "closure" for step in about)
    return closed >= _CLOSED_DAYS_ABOUT


def _number(value: object, default: float) -> float:
    return default if value is None else float(str(value))


def newest_days(connection: duckdb.DuckDBPyConnection, days: NewDays) -> dict[str, date]:
    """The newest day with a row, by source, up to the as-of day."""
    rows = connection.execute(
        """
        select split_part(table_id, '.', 1), max(day)
        from raw_moments where day <= ? group by 1 order by 1
        """,
        [days.last],
    ).fetchall()
    return dict(rows)


def missed_day_measures(
    connection: duckdb.DuckDBPyConnection,
    limits: Limits,
    calendar: Calendar,
    days: NewDays,
    served: RawProfile | None,
) -> list[Measure]:
    """Business days without a row of any table of a source, up to the last closed day.

    It holds a build only if the source was up to date in the served one: data that stand still on
    purpose, for a trial say, stay as they are.
    """
    measures = []
    for source, newest in newest_days(connection, days).items():
        limit = limits.get("raw_missed_business_days", source)
        missed = calendar.business_days(newest, days.last_closed)
        before = None if served is None else served.missed_days.get(source)
        was_fresh = before is not None and (limit.high is None or before <= limit.high)
        severity = "warning" if not was_fresh and limit.severity == "error" else limit.severity
        said = f"the newest row is of {newest}, {missed} business days before the build"
        measures.append(measure(limit, source, missed, said, severity=severity))
    return measures


def past_row_measures(
    connection: duckdb.DuckDBPyConnection,
    limits: Limits,
    calendar: Calendar,
    tables: list[CheckedTable],
    now: dict[str, TableProfile],
    served: RawProfile,
    days: NewDays,
) -> list[Measure]:
    """Rows of what was past at the served build already; of tables without times all rows."""
    counted = dict(
        connection.execute(
            "select table_id, sum(row_count) from raw_moments where day < ? group by 1",
            [served.as_of_date],
        ).fetchall()
    )
    dated = {table.table_id for table in tables if table.is_dated}
    measures = []
    for name, before in served.tables.items():
        is_dated = before.past_rows is not None and (name in dated or name not in now)
        check_id = "raw_past_rows" if is_dated else "raw_table_rows"
        limit = limits.get(check_id, name)
        then = before.past_rows if is_dated else before.rows
        rows = int(counted.get(name, 0)) if is_dated else (now[name].rows if name in now else 0)
        if then is None or max(then, rows) < limit.min_count or then == 0:
            continue
        what = f"dated before {served.as_of_date}" if is_dated else "in all"
        said = f"{rows:,} rows {what}; the served build had {then:,}"
        room = calendar.planned_rows(name, days.first, days.last) / then
        since = days.since or 0
        measures.append(measure(limit, name, round(rows / then, 4), said, days=since, room=room))
    return measures
