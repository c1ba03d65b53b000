"""What a cell of a seed means: every type has one canonical text, or a message and a remedy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from orchestration.lib.seeds.catalog import SeedColumn
from orchestration.lib.seeds.days import parse_seed_day
from orchestration.lib.seeds.names import did_you_mean, fold_name, narrow

NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
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
        return _read_word(text, column) if column.accepted else Cell(text)
    if column.kind == "date":
        return _read_date(text)
    if column.kind == "boolean":
        return _read_boolean(text)
    number = _read_number(narrow(text), column)
    if isinstance(number, BadCell):
        return number
    return _within_limits(number, column)


def _read_word(text: str, column: SeedColumn) -> Cell | BadCell:
    word = fold_name(narrow(text))
    if word in column.accepted:
        return Cell(word)
    return BadCell(
        f"Unknown {column.name} '{text}'.{did_you_mean(word, column.accepted)}",
        f"Write one of: {', '.join(column.accepted)}.",
    )


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
