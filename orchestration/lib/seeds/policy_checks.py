"""Checks of hand-off policies: what lets a lead in, what keeps it there, what must be known."""

from __future__ import annotations

from decimal import Decimal

from orchestration.lib.problems import Notice, Problem
from orchestration.lib.seeds.field_names import EVENT_PREFIX, needed_fields
from orchestration.lib.seeds.known_fields import KnownFields, named_fields, with_handoff_fields
from orchestration.lib.seeds.names import did_you_mean
from orchestration.lib.seeds.tables import SeedRow, SeedSet, SeedTable

ENTRIES = ("enter_rules", "enter_grades", "enter_points", "enter_dispositions")


def lets_nobody_in(row: SeedRow) -> bool:
    """Whether a policy has nothing by which a lead could enter."""
    is_by_date = row.cells["enter_on_recontact_date"] == "true"
    return not is_by_date and all(row.cells[column] is None for column in ENTRIES)


def check_policies(
    seed_set: SeedSet, known: KnownFields | None
) -> tuple[list[Problem], list[Notice]]:
    """Each policy by itself. Without `known`, names of fields are not checked."""
    policies = seed_set.tables["handoff_policies"]
    stages = seed_set.tables["handoff_stages"].readable("sort_order")
    order = {row.get("handoff_stage"): int(row.cells["sort_order"] or 0) for row in stages}
    first = min(order, key=lambda stage: order[stage], default=None)
    scores = [row.get("score_id") or "" for row in seed_set.tables["score_definitions"].rows]
    problems: list[Problem] = []
    for row in policies.rows:
        problems.extend(_check_entry(policies, row, first))
        problems.extend(_check_stay(policies, row))
        problems.extend(_check_points(policies, row, scores))
        problems.extend(_check_blocks(policies, row))
    found, notices = _check_required(seed_set, policies, known)
    return [*problems, *found], notices


def _check_entry(policies: SeedTable, row: SeedRow, first_stage: str | None) -> list[Problem]:
    if row.unreadable.intersection((*ENTRIES, "enter_on_recontact_date")):
        return []
    if lets_nobody_in(row):
        return [
            policies.problem(
                row,
                "enter_rules",
                "The policy lets nobody in: it names no rule, grade, points or disposition.",
                f"Fill in one of {', '.join(ENTRIES)}, or set enter_on_recontact_date to true.",
            )
        ]
    stage = row.get("handoff_stage")
    if row.cells["enter_dispositions"] is not None and stage is not None and stage == first_stage:
        return [
            policies.problem(
                row,
                "enter_dispositions",
                f"'{stage}' is the first stage: no answer of sales stands before it.",
                "Empty the cell, or name a later stage in handoff_stage.",
            )
        ]
    return []


def _check_stay(policies: SeedTable, row: SeedRow) -> list[Problem]:
    problems = []
    enter, stay = row.get("enter_grades"), row.get("stay_grades")
    if enter is not None and stay is not None:
        lacking = [grade for grade in enter.split("|") if grade not in stay.split("|")]
        if lacking:
            problems.append(
                policies.problem(
                    row,
                    "stay_grades",
                    f"A lead that enters with {lacking[0]} would leave at once.",
                    f"Add {'|'.join(lacking)} to stay_grades, or empty it to take enter_grades.",
                )
            )
    enter_points = points_of(row.get("enter_points"))
    for score, points in points_of(row.get("stay_points")).items():
        if score not in enter_points or points > enter_points[score]:
            problems.append(
                policies.problem(
                    row,
                    "stay_points",
                    f"A lead could enter without the {points} points of '{score}' that let it "
                    "stay, and leave at once.",
                    "Write a number that is not above the one in enter_points.",
                )
            )
    return problems


def _check_points(policies: SeedTable, row: SeedRow, scores: list[str]) -> list[Problem]:
    return [
        policies.problem(
            row,
            column,
            f"Unknown score '{score}'.{did_you_mean(score, scores)}",
            "Name a score of score_definitions.csv.",
        )
        for column in ("enter_points", "stay_points")
        for score in points_of(row.get(column))
        if score not in scores
    ]


def points_of(text: str | None) -> dict[str, Decimal]:
    """Points by score of a cell such as `fit:20,engagement:60`."""
    if text is None:
        return {}
    pairs = (part.split(":") for part in text.split(","))
    return {score: Decimal(points) for score, points in pairs}


def _check_blocks(policies: SeedTable, row: SeedRow) -> list[Problem]:
    blocking = (row.get("blocked_by_rules") or "").split("|")
    return [
        policies.problem(
            row,
            "blocked_by_rules",
            f"The rule '{rule}' lets leads in and blocks them.",
            f"Remove it here or from {column}.",
        )
        for column in ("enter_rules", "bypass_rules")
        for rule in (row.get(column) or "").split("|")
        if rule and rule in blocking
    ]


def _check_required(
    seed_set: SeedSet, policies: SeedTable, known: KnownFields | None
) -> tuple[list[Problem], list[Notice]]:
    attributes = seed_set.tables["attributes"]
    fields = with_handoff_fields(named_fields(attributes, known), seed_set.tables["handoff_fields"])
    problems: list[Problem] = []
    is_left_behind = policies.is_shipped and not attributes.is_shipped
    can_be_met = True
    for row in policies.rows:
        for alternatives in _required(row):
            unknown = [
                field
                for field in alternatives
                if field not in fields.lead
                and (fields.is_source_known or field.startswith(EVENT_PREFIX))
            ]
            if is_left_behind:
                can_be_met = can_be_met and len(unknown) < len(alternatives)
                continue
            problems.extend(
                policies.problem(
                    row,
                    "required_fields",
                    f"Unknown field '{field}'.{did_you_mean(field, fields.lead)}",
                    "Name an attribute of the lead or a field of handoff_fields.csv; "
                    "`leads fields` lists the attributes.",
                )
                for field in unknown
            )
    if can_be_met:
        return problems, []
    return problems, [
        policies.notice(
            None,
            f"policies require fields that {attributes.file}, which takes the place of the shipped "
            "file, does not list and no source has; they let nobody in.",
        )
    ]


def _required(row: SeedRow) -> list[list[str]]:
    text = row.get("required_fields")
    return [] if text is None else needed_fields(text)
