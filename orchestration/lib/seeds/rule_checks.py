"""Checks of scoring rules: what an event rule needs, decay, and periods."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from orchestration.lib.problems import Notice, Problem
from orchestration.lib.seeds.tables import SeedRow, SeedSet, SeedTable

_FIRST_DAY = "0000-00-00"
_NO_END = "9999-99-99"
_EVENT_ONLY = ("repeat", "min_count", "max_count", "window_days", "decay_days", "decay_percent")
_SCORES_NEEDED = ("fit", "engagement")


def check_rules(seed_set: SeedSet) -> tuple[list[Problem], list[Notice]]:
    """Scores that must exist, and each rule by itself."""
    problems: list[Problem] = []
    notices: list[Notice] = []
    scores = seed_set.tables["score_definitions"]
    known_scores = {row.get("score_id") for row in scores.rows}
    problems.extend(
        scores.problem(
            None,
            "score_id",
            f"The score '{score}' is missing.",
            f"Add a row with score_id {score}; fit and engagement must exist.",
        )
        for score in _SCORES_NEEDED
        if score not in known_scores
    )
    rules = seed_set.tables["scoring_rules"]
    for row in rules.rows:
        problems.extend(_check_subject(rules, row))
        problems.extend(_check_decay(rules, row))
        notices.extend(_notice_without_effect(rules, row))
    return problems, notices


def _check_subject(rules: SeedTable, row: SeedRow) -> list[Problem]:
    applies_to = row.get("applies_to")
    event_type = row.cells["event_type"]
    problems = []
    if applies_to == "lead" and event_type is not None:
        problems.append(
            rules.problem(
                row,
                "event_type",
                "A rule on the lead has an event type.",
                "Empty the cell, or set applies_to to event.",
            )
        )
    if applies_to == "event" and event_type is None:
        problems.append(
            rules.problem(
                row,
                "event_type",
                "A rule on events has no event type.",
                "Write a type of event_types.csv, or set applies_to to lead.",
            )
        )
    if applies_to == "event" and row.cells["repeat"] is None:
        problems.append(
            rules.problem(
                row,
                "repeat",
                "A rule on events does not say whether one event counts or each.",
                "Write once or each.",
            )
        )
    return problems


def _check_decay(rules: SeedTable, row: SeedRow) -> list[Problem]:
    decay = row.get("decay")
    problems = []
    if decay in ("linear", "exponential") and row.cells["decay_days"] is None:
        problems.append(
            rules.problem(
                row,
                "decay_days",
                f"The decay is {decay}, but decay_days is empty.",
                "Write a whole number of days of at least 1.",
            )
        )
    if decay != "linear" or "decay_percent" in row.unreadable:
        return problems
    percent = row.cells["decay_percent"]
    if percent is None or not 0 < Decimal(percent) <= 100:
        problems.append(
            rules.problem(
                row,
                "decay_percent",
                "The decay is linear, but decay_percent is not above 0 and at most 100.",
                "Write the percent that is lost at every step, e.g. 25.",
            )
        )
    return problems


def _notice_without_effect(rules: SeedTable, row: SeedRow) -> list[Notice]:
    if row.get("applies_to") != "lead":
        return []
    filled = [column for column in _EVENT_ONLY if row.given[column] is not None]
    if row.get("decay") not in (None, "none"):
        filled.append("decay")
    if not filled:
        return []
    return [rules.notice(row, f"{', '.join(filled)}: no effect in a rule on the lead.")]


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
        begin = row.cells["valid_from"] or _FIRST_DAY
        end = row.cells["valid_to"] or _NO_END
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
