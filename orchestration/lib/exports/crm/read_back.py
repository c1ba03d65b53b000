"""Whether a record that was read back holds what a row wanted to write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation


@dataclass(frozen=True)
class FoundRecord:
    """A record as the destination holds it; `fields` are those that were asked for."""

    remote_id: str
    fields: Mapping[str, str | None]


def holds(record: FoundRecord, fields: Mapping[str, str | None]) -> bool:
    """Whether the record has every one of the values, in whatever form it writes them."""
    return all(_is_same(record.fields.get(name), value) for name, value in fields.items())


def _is_same(held: str | None, wanted: str | None) -> bool:
    if not held or not wanted:
        return not held and not wanted
    if held == wanted or ("@" in wanted and held.casefold() == wanted.casefold()):
        return True
    return _is_same_number(held, wanted) or _is_same_moment(held, wanted)


def _is_same_number(held: str, wanted: str) -> bool:
    try:
        return Decimal(held) == Decimal(wanted)
    except InvalidOperation:
        return False


def _is_same_moment(held: str, wanted: str) -> bool:
    try:
        moments = [datetime.fromisoformat(text) for text in (held, wanted)]
    except ValueError:
        return False
    first, second = (moment if moment.tzinfo else moment.replace(tzinfo=UTC) for moment in moments)
    return first == second
