"""When the company is open, as business_hours.csv and business_holidays.csv say."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from orchestration.lib.problems import InputError
from orchestration.lib.seeds import SeedRow, SeedTable
from orchestration.lib.seeds.one_seed import load_seed
from orchestration.lib.settings import Settings
from orchestration.lib.settings.resolving import project_variables

EVERY_HOUR = ("0 * * * *",)
_MINUTES_OF_HOUR = 60
_HOURS_OF_DAY = 24
_DAYS_OF_WEEK = 7
_TIME = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)(:00)?")


@dataclass(frozen=True)
class OpenTime:
    """A time of a weekday (1 is Monday) in minutes after midnight, both ends in it."""

    weekday: int
    opens: int
    closes: int


@dataclass(frozen=True)
class BusinessCalendar:
    """Opening times in one time zone, and the days on which nobody is there."""

    time_zone: str
    open_times: tuple[OpenTime, ...]
    holidays: frozenset[date]

    def is_open(self, moment: datetime) -> bool:
        """Whether the company is open at a moment (with a time zone), its closing minute too."""
        local = moment.astimezone(ZoneInfo(self.time_zone))
        minute = local.hour * _MINUTES_OF_HOUR + local.minute
        return local.date() not in self.holidays and any(
            times.weekday == local.isoweekday() and times.opens <= minute <= times.closes
            for times in self.open_times
        )

    def hourly_cron(self) -> tuple[str, ...]:
        """The full hours of opening times as cron schedules, weekdays of equal hours together.

        Holidays are not in them: cron knows none.
        """
        hours: dict[int, set[int]] = defaultdict(set)
        for times in self.open_times:
            first = -(-times.opens // _MINUTES_OF_HOUR)
            hours[times.weekday] |= {
                hour
                for hour in range(first, times.closes // _MINUTES_OF_HOUR + 1)
                if hour < _HOURS_OF_DAY
            }
        weekdays: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for weekday, open_hours in sorted(hours.items()):
            if open_hours:
                weekdays[tuple(sorted(open_hours))].append(weekday)
        # Cron counts from Sunday, as 0.
        return tuple(
            f"0 {_ranges(open_hours)} * * {_ranges(sorted(day % _DAYS_OF_WEEK for day in days))}"
            for open_hours, days in weekdays.items()
        )


def read_business_calendar(settings: Settings) -> BusinessCalendar:
    """The calendar of the company (var `business_calendar`), from the rules in force.

    Only its two seeds are read: a mistake elsewhere in the rules is for the build to tell.

    Raises:
        InputError: the calendar has no hours, or they cannot be read.
    """
    wanted = {**project_variables(settings.project_root), **settings.variables}.get(
        "business_calendar"
    )
    hours = _read_seed(settings, "business_hours")
    rows = [row for row in hours.rows if row.get("calendar_id") == wanted]
    if not rows:
        raise InputError(
            hours.problem(
                None,
                "calendar_id",
                f"No row is of '{wanted}', the calendar of the company (var 'business_calendar').",
                "Add its hours, or name another calendar in leads.toml.",
            )
        )
    # A zone that no machine knows stands in the cell all the same, and is refused below.
    zones = {row.cells["time_zone"] or settings.timezone for row in rows}
    if len(zones) > 1:
        raise InputError(
            hours.problem(
                None,
                "time_zone",
                f"The calendar '{wanted}' has {len(zones)} time zones.",
                "A schedule follows one: give each zone a calendar of its own.",
            )
        )
    holidays = _read_seed(settings, "business_holidays").readable("calendar_id", "holiday_date")
    return BusinessCalendar(
        _known_zone(hours, rows[0], zones.pop()),
        tuple(_open_time(hours, row) for row in rows),
        frozenset(
            date.fromisoformat(day)
            for row in holidays
            if row.get("calendar_id") == wanted and (day := row.get("holiday_date")) is not None
        ),
    )


def _read_seed(settings: Settings, name: str) -> SeedTable:
    return load_seed(settings.project_root / "seeds", settings.rules_dir, name)


def _open_time(hours: SeedTable, row: SeedRow) -> OpenTime:
    return OpenTime(
        int(row.get("weekday") or _refuse(hours, row, "weekday", "Write 1 (Monday) to 7.")),
        _minutes(hours, row, "opens_at"),
        _minutes(hours, row, "closes_at"),
    )


def _minutes(hours: SeedTable, row: SeedRow, column: str) -> int:
    found = _TIME.fullmatch((row.get(column) or "").strip())
    if found is None:
        _refuse(hours, row, column, "Write it as 09:00; 24:00 is the end of the day.")
    return int(found.group(1)) * _MINUTES_OF_HOUR + int(found.group(2)) if found else 0


def _known_zone(hours: SeedTable, row: SeedRow, name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        _refuse(hours, row, "time_zone", "Write a name such as Asia/Tokyo.")
    return name


def _refuse(hours: SeedTable, row: SeedRow, column: str, remedy: str) -> str:
    raise InputError(hours.problem(row, column, "The cell cannot be read.", remedy))


def _ranges(numbers: Iterable[int]) -> str:
    """Sorted numbers as cron writes them: 9-12,14."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


def shown_hours(calendar: BusinessCalendar) -> Mapping[str, str]:
    """The opening times for people who look at a schedule: weekday to times."""
    texts: dict[str, list[str]] = defaultdict(list)
    for times in sorted(calendar.open_times, key=lambda item: (item.weekday, item.opens)):
        day = date.fromisocalendar(2024, 1, times.weekday).strftime("%A")
        texts[day].append(f"{_clock(times.opens)} to {_clock(times.closes)}")
    return {day: ", ".join(spans) for day, spans in texts.items()}


def _clock(minutes: int) -> str:
    return f"{minutes // _MINUTES_OF_HOUR:02}:{minutes % _MINUTES_OF_HOUR:02}"
