"""Checks of the limits on data and of what is planned."""

from __future__ import annotations

from decimal import Decimal

from orchestration.lib.problems import Problem
from orchestration.lib.seeds.tables import SeedRow, SeedSet, SeedTable


def check_quality(seed_set: SeedSet) -> list[Problem]:
    """Limits that limit nothing or everything, and plans whose days or numbers cannot be."""
    limits, planned = seed_set.tables["quality_limits"], seed_set.tables["planned_events"]
    problems: list[Problem] = []
    for row in limits.readable("min_value", "max_value", "max_value_per_day"):
        problems += _check_limit(limits, row)
    for row in planned.rows:
        problems += _check_plan(planned, row)
    return problems


def _check_limit(limits: SeedTable, row: SeedRow) -> list[Problem]:
    lowest, highest = _number(row, "min_value"), _number(row, "max_value")
    if lowest is None and highest is None:
        return [
            limits.problem(
                row,
                "max_value",
                "The row has neither min_value nor max_value, so it limits nothing.",
                "Fill in one of them; to be held by the check no more, set severity to notice.",
            )
        ]
    if lowest is not None and highest is not None and lowest > highest:
        return [
            limits.problem(
                row,
                "max_value",
                "max_value is below min_value, so no value would do.",
                "Write the lowest accepted value in min_value and the highest in max_value.",
            )
        ]
    per_day = _number(row, "max_value_per_day")
    if per_day is not None and per_day < 0:
        return [
            limits.problem(
                row,
                "max_value_per_day",
                "The limit would get tighter the longer nothing was built.",
                "Write 0 or more.",
            )
        ]
    return []


def _check_plan(planned: SeedTable, row: SeedRow) -> list[Problem]:
    problems = []
    first, last = row.get("first_date"), row.get("last_date")
    if first is not None and last is not None and last < first:
        problems.append(
            planned.problem(
                row, "last_date", "The event ends before it begins.", "Write its last day."
            )
        )
    factor = _number(row, "expected_factor")
    is_unread = row.unreadable.intersection(("expected_rows", "expected_factor"))
    if factor is not None and factor <= 0:
        problems.append(
            planned.problem(
                row,
                "expected_factor",
                "The factor is not above 0.",
                "Write how many times the usual rows are expected, e.g. 3 or 0.2.",
            )
        )
    elif factor is None and row.get("expected_rows") is None and not is_unread:
        problems.append(
            planned.problem(
                row,
                "expected_rows",
                "The row does not say how much is expected, so it widens nothing.",
                "Fill in expected_rows or expected_factor.",
            )
        )
    return problems


def _number(row: SeedRow, column: str) -> Decimal | None:
    text = row.get(column)
    return None if text is None else Decimal(text)
