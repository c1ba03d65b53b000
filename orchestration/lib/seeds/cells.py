"""What a cell of a seed means: every type has one canonical text, or a message and a remedy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from orchestration.lib.seeds.catalog import SeedColumn
from orchestration.lib.seeds.days import parse_seed_day
from orchestration.lib.seeds.names import did_you_mean, fold_name, narrow, similar_name, trim

NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
# A spreadsheet adds seconds that nobody meant.
_TIME_OF_DAY = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])(?::00)?")
_HOURS_OF_A_DAY = 24
_BOOLEANS = {"true": "true", "yes": "true", "1": "true"} | {
    "false": "false",
    "no": "false",
    "0": "false",
}
_LARGEST_INTEGER = 2**31 - 1
_COUNT_WORDS = {2: "two", 10: "ten"}

OTHER_DATE_FORM = "dates that are not written YYYY-MM-DD were read as days, e.g. 2026/4/1."
OTHER_NUMBER_FORM = "numbers that a spreadsheet rewrote, e.g. 5.0 for 5, were read as meant."


@dataclass(frozen=True)
class Cell:
    """A cell that was read: its canonical text, and what a notice should say about its form."""

    text: str
    form_notice: str | None = None


@dataclass(frozen=True)
class BadCell:
    """A cell that cannot be read as its column wants it."""

    message: str
    remedy: str


def read_cell(text: str, column: SeedColumn) -> Cell | BadCell:
    """Read a trimmed cell that is not empty."""
    if column.kind == "varchar":
        return _read_text(text, column)
    if column.kind == "date":
        return _read_date(text)
    if column.kind == "boolean":
        return _read_boolean(text)
    number = _read_number(narrow(text), column)
    if isinstance(number, BadCell):
        return number
    return _within_limits(number, column)


def _read_text(text: str, column: SeedColumn) -> Cell | BadCell:
    if column.format is not None:
        return _FORMATS[column.format](narrow(text))
    if column.separator is None:
        return _read_word(text, column) if column.accepted else Cell(text)
    return _read_list(text, column, column.separator)


def _read_list(text: str, column: SeedColumn, separator: str) -> Cell | BadCell:
    items = []
    for part in text.split(separator):
        item = trim(part)
        if not item:
            return BadCell(
                "The list has an empty item.",
                f"Write the items with one {separator} between them, e.g. a{separator}b.",
            )
        cell = _read_word(item, column) if column.accepted else Cell(item)
        if isinstance(cell, BadCell):
            return cell
        items.append(cell.text)
    return Cell(separator.join(dict.fromkeys(items)))


def _read_word(text: str, column: SeedColumn) -> Cell | BadCell:
    word = fold_name(narrow(text))
    if word in column.accepted:
        return Cell(word)
    return BadCell(
        f"Unknown {column.name} '{text}'.{did_you_mean(word, column.accepted)}",
        f"Write one of: {', '.join(column.accepted)}.",
    )


def _read_time_of_day(text: str) -> Cell | BadCell:
    match = _TIME_OF_DAY.fullmatch(text)
    if match is None or (int(match[1]) == _HOURS_OF_A_DAY and match[2] != "00"):
        return BadCell("The cell is no time of day.", "Write it as HH:MM, e.g. 09:00.")
    return Cell(f"{int(match[1]):02d}:{match[2]}")


def _read_time_zone(text: str) -> Cell | BadCell:
    zones = _time_zones()
    if text in zones:
        return Cell(text)
    by_name = {fold_name(zone): zone for zone in zones}
    known = by_name.get(fold_name(text))
    if known is not None:
        return Cell(known)
    nearest = similar_name(fold_name(text), by_name)
    hint = f" Did you mean '{by_name[nearest]}'?" if nearest else ""
    return BadCell(f"Unknown time zone '{text}'.{hint}", "Write region and city, e.g. Asia/Tokyo.")


@cache
def _time_zones() -> frozenset[str]:
    """The zones that the engine knows by region and city: only they follow summer time."""
    import duckdb

    with duckdb.connect() as connection:
        rows = connection.execute("select name from pg_timezone_names()").fetchall()
    return frozenset(name for (name,) in rows if "/" in name or name == "UTC")


def _read_fields(text: str) -> Cell | BadCell:
    needed = [[fold_name(field) for field in part.split("|")] for part in text.split(",")]
    if not all(field for fields in needed for field in fields):
        return BadCell(
            "The list of fields has an empty item.",
            "Write all that are needed with commas, alternatives with |, e.g. company_name,a|b.",
        )
    return Cell(",".join("|".join(dict.fromkeys(fields)) for fields in needed))


def _read_points(text: str) -> Cell | BadCell:
    wanted: dict[str, str] = {}
    for part in text.split(","):
        score, _, points = part.partition(":")
        name, number = trim(score), narrow(trim(points))
        if not name or NUMBER.fullmatch(number) is None or name in wanted:
            return BadCell(
                "The cell is no list of scores with their points.",
                "Write score:points, all that are needed with commas, e.g. fit:20,engagement:60.",
            )
        wanted[name] = _plain(Decimal(number))
    return Cell(",".join(f"{name}:{number}" for name, number in wanted.items()))


_FORMATS = {
    "fields": _read_fields,
    "points": _read_points,
    "time_of_day": _read_time_of_day,
    "time_zone": _read_time_zone,
}


def _read_date(text: str) -> Cell | BadCell:
    day = parse_seed_day(narrow(text))
    if day is None:
        return BadCell("The cell is no day.", "Write it as YYYY-MM-DD, e.g. 2026-04-01.")
    canonical = day.isoformat()
    return Cell(canonical, None if text == canonical else OTHER_DATE_FORM)


def _read_boolean(text: str) -> Cell | BadCell:
    word = _BOOLEANS.get(fold_name(narrow(text)))
    if word is None:
        return BadCell("The cell is neither true nor false.", "Write true or false.")
    return Cell(word)


def _read_number(text: str, column: SeedColumn) -> Cell | BadCell:
    is_integer = column.kind == "integer"
    if NUMBER.fullmatch(text) is None:
        if is_integer:
            return BadCell("The cell is no whole number.", "Write digits only, e.g. 30.")
        return BadCell(
            "The cell is no number.",
            "Write digits with a decimal point, e.g. 12.5, without separators or units.",
        )
    number = Decimal(text)
    scale = 0 if is_integer else column.scale
    most_digits = 10 if is_integer else column.precision - scale
    if number and number.adjusted() >= most_digits:
        return _too_large(is_integer, most_digits)
    if _decimals(number) > scale:
        if is_integer:
            return BadCell("The cell is no whole number.", "Write digits only, e.g. 30.")
        return BadCell(
            f"The number has more than {_COUNT_WORDS.get(scale, scale)} decimals.",
            f"Write at most {scale} digits after the decimal point.",
        )
    number = number.quantize(Decimal(1).scaleb(-scale))
    if is_integer and abs(number) > _LARGEST_INTEGER:
        return _too_large(is_integer, most_digits)
    is_usual = not is_integer or "." not in text
    return Cell(_plain(number), None if is_usual else OTHER_NUMBER_FORM)


def _too_large(is_integer: bool, most_digits: int) -> BadCell:
    if is_integer:
        return BadCell("The number is too large.", f"Write at most {_LARGEST_INTEGER}.")
    return BadCell(
        "The number is too large.",
        f"Write at most {most_digits} digits before the decimal point.",
    )


def _decimals(number: Decimal) -> int:
    """Digits after the point that are needed; arithmetic would round a very long number."""
    _, digits, exponent = number.as_tuple()
    needed = len(digits)
    while needed and digits[needed - 1] == 0:
        needed -= 1
    if not needed or not isinstance(exponent, int):
        return 0
    return max(0, -(exponent + len(digits) - needed))


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _within_limits(cell: Cell, column: SeedColumn) -> Cell | BadCell:
    number = Decimal(cell.text)
    if column.minimum is not None and number < column.minimum:
        if column.kind == "integer":
            return BadCell(
                f"The number is below {column.minimum}.",
                f"Write a whole number of at least {column.minimum}"
                + ("." if column.is_required else ", or leave the cell empty."),
            )
        return BadCell(
            f"{column.name} is below {column.minimum}.",
            f"Write {column.minimum} or more, or leave the cell empty for no limit.",
        )
    if column.maximum is not None and number > column.maximum:
        return BadCell(
            f"{column.name} is above {column.maximum}.",
            f"Write {column.maximum} or less, or leave the cell empty for no limit.",
        )
    return cell
