"""The days that people write: 2026-04-01, 2026/4/1, 2026年4月1日, R8.4.1, and date-times."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

# The eras begin with year one: the year is the base plus the count.
_ERA_BASES = {"R": 2018, "令和": 2018, "H": 1988, "平成": 1988, "S": 1925, "昭和": 1925}

_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_LOOSE = re.compile(
    r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})|([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日"
)
_ERA = re.compile(r"(R|H|S|令和|平成|昭和)([0-9]{1,2}|元)[.年/]([0-9]{1,2})[.月/]([0-9]{1,2})日?")
_DATE_TIME = re.compile(
    r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})[T ]"
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.][0-9]+)?)?"
    r"(Z| ?UTC|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_MIDNIGHT = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})[T ]0{1,2}:00(?::00(?:[.]0+)?)?")


@dataclass(frozen=True)
class DayRange:
    """The days that a text can fall on: one day, or three where the time zone decides."""

    first: date
    last: date


def parse_day(text: str) -> date | None:
    """The day that a text without a time names, or None."""
    if match := _ISO.fullmatch(text):
        return _day(*match.groups())
    if match := _LOOSE.fullmatch(text):
        return _day(*[part for part in match.groups() if part is not None])
    if match := _ERA.fullmatch(text):
        era, count, month, day = match.groups()
        year = _ERA_BASES[era] + (1 if count == "元" else int(count))
        return _day(str(year), month, day)
    return None


def parse_seed_day(text: str) -> date | None:
    """The day in a date cell of a seed: any form of a day, also a spreadsheet's midnight."""
    if match := _MIDNIGHT.fullmatch(text):
        return _day(*match.groups())
    return parse_day(text)


def parse_day_range(text: str) -> DayRange | None:
    """The days that a day or a date-time can fall on, whatever the business time zone is."""
    day = parse_day(text)
    if day is not None:
        return DayRange(day, day)
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        return None
    year, month, day_text, hour, minute, second, _ = match.groups()
    try:
        moment = datetime(
            int(year), int(month), int(day_text), int(hour), int(minute), int(second or 0)
        )
        return DayRange(moment.date() - timedelta(days=1), moment.date() + timedelta(days=1))
    except (ValueError, OverflowError):
        return None


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
