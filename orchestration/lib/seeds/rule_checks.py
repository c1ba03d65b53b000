"""Checks of scoring rules: what an event rule needs, and decay."""

from __future__ import annotations

from decimal import Decimal

from orchestration.lib.problems import Notice, Problem
from orchestration.lib.seeds.tables import SeedRow, SeedSet, SeedTable

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
