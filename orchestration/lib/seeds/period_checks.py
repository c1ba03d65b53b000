"""Periods of dated rows: overlaps, gaps, and what is in force on a day."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from orchestration.lib.problems import Notice, Problem
from orchestration.lib.seeds.tables import SeedRow, SeedTable

FIRST_DAY = "0000-00-00"
NO_END = "9999-99-99"


def is_in_force(row: SeedRow, day: str) -> bool:
    """Whether the row is in force on the day; one without a period always is."""
    begin, end = period_of(row)
    return begin <= day < end


def period_of(row: SeedRow) -> tuple[str, str]:
    """First day in force and first day no longer in force, as texts that sort by time."""
    begin, end = row.cells.get("valid_from"), row.cells.get("valid_to")
    return begin or FIRST_DAY, end or NO_END


def days_of_change(rows: Iterable[SeedRow]) -> list[str]:
    """The days on which any of the rows begins or ends; the beginning of time is one."""
    found = {FIRST_DAY}
    for row in rows:
        found.update(period_of(row))
    return sorted(found - {NO_END})


def check_periods(table: SeedTable) -> tuple[list[Problem], list[Notice]]:
    """Periods of one id that overlap, end before they begin, or hold no day.

    Only for seeds whose key is an id and `valid_from`.
    """
    key = table.spec.key
    if len(key) != 2 or key[1] != "valid_from":
        return [], []
    problems: list[Problem] = []
    notices: list[Notice] = []
    periods: dict[str, list[tuple[str, str, SeedRow]]] = {}
    for row in table.rows:
        row_id = row.get(key[0])
        if row_id is None or row.unreadable.intersection(("valid_from", "valid_to")):
            continue
        begin, end = period_of(row)
        if begin > end:
            problems.append(
                table.problem(
                    row,
                    "valid_to",
                    "The period ends before it begins.",
                    "Write the first day on which the row is no longer in force.",
                )
            )
        elif begin == end:
            notices.append(table.notice(row, "the period holds no day; it is never in force."))
        else:
            periods.setdefault(row_id, []).append((begin, end, row))
    for rows in periods.values():
        problems.extend(_overlaps(table, sorted(rows, key=lambda period: period[:2])))
    return problems, notices


def _overlaps(table: SeedTable, periods: list[tuple[str, str, SeedRow]]) -> list[Problem]:
    problems = []
    _, latest_end, latest = periods[0]
    for before, (begin, end, row) in pairwise(periods):
        # Equal starts are a doubled key, which is reported as such.
        if begin < latest_end and before[0] != begin:
            later, earlier = max(row, latest, key=_number), min(row, latest, key=_number)
            problems.append(
                table.problem(
                    later,
                    "valid_from, valid_to",
                    f"The period overlaps with that of row {earlier.number}.",
                    "Close the earlier period (valid_to) on the day on which the next one begins.",
                )
            )
        if end > latest_end:
            latest_end, latest = end, row
    return problems


def _number(row: SeedRow) -> int:
    return row.number
