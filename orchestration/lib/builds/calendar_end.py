"""Whether the calendars of business days reach as far as the promises of a build."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from math import ceil

from orchestration.lib.problems import Notice
from orchestration.lib.seeds import SeedSet

_DAYS_OF_WEEK = 7
_WEEKS_OF_CLOSURES = 2


def calendar_end_notices(seed_set: SeedSet, as_of_date: date) -> list[Notice]:
    """A notice for each calendar whose last year with holidays ends before due times may fall.

    A calendar without any holiday is taken at its word.
    """
    hours, holidays = seed_set.tables["business_hours"], seed_set.tables["business_holidays"]
    weekdays: dict[str, set[str]] = defaultdict(set)
    for row in hours.readable("calendar_id", "weekday"):
        weekdays[row.get("calendar_id") or ""].add(row.get("weekday") or "")
    last_years: dict[str, int] = {}
    for row in holidays.readable("calendar_id", "holiday_date"):
        calendar, day = row.get("calendar_id"), row.get("holiday_date")
        if calendar in weekdays and day is not None:
            year = date.fromisoformat(day).year
            last_years[calendar] = max(year, last_years.get(calendar, year))
    notices = []
    for calendar, last_year in sorted(last_years.items()):
        reached = as_of_date + _reach(seed_set, len(weekdays[calendar]))
        if last_year < reached.year:
            missing = " and ".join(str(year) for year in range(last_year + 1, reached.year + 1))
            notices.append(
                Notice(
                    f"The holidays of '{calendar}' end with {last_year}, due times reach"
                    f" {reached.isoformat()}: later holidays count as business days."
                    f" Add those of {missing}.",
                    holidays.file,
                )
            )
    return notices


def _reach(seed_set: SeedSet, days_a_week: int) -> timedelta:
    """The longest time from a hand-off to a due time: business days as days, closures on top."""
    promised = [
        int(float(row.get(name) or 0))
        for name in ("decide_within_days", "attempts_within_days")
        for row in seed_set.tables["service_levels"].readable(name)
    ]
    weeks = ceil(max(promised, default=0) / days_a_week) + _WEEKS_OF_CLOSURES
    return timedelta(days=weeks * _DAYS_OF_WEEK)
