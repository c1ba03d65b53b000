"""The drawn cases as one raw folder and one rules folder, and what they should score."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

from tests.orchestration import reference_scoring as reference
from tests.orchestration.building import shipped_seeds, write_rows
from tests.orchestration.strategies import (
    EVENT_COLUMNS,
    EVENT_TYPES,
    LEAD_COLUMNS,
    MULTI_VALUED,
    SHARED_SEEDS,
    Case,
    Row,
    draw_cases,
)

CASE_COUNT = 300

SEED_COLUMNS = {
    "score_definitions": ("score_id", "min_points", "max_points"),
    "score_groups": ("score_id", "group_id", "min_points", "max_points"),
    "scoring_rules": (
        "rule_id",
        "score_id",
        "group_id",
        "applies_to",
        "event_type",
        "points",
        "repeat",
        "min_count",
        "max_count",
        "window_days",
        "decay",
        "decay_days",
        "decay_percent",
        "valid_from",
        "valid_to",
    ),
    "rule_conditions": ("rule_id", "alternative", "field", "operator", "value"),
    "score_bands": ("score_id", "band", "min_points"),
    "grade_sets": ("grade_set", "fit_score_id", "engagement_score_id"),
    "grades": (
        "grade_set",
        "fit_band",
        "engagement_band",
        "grade",
        "temperature",
        "route",
        "priority",
    ),
}

EVENT_TYPE_ROWS: list[Row] = [{"event_type": event_type} for event_type in EVENT_TYPES]
ATTRIBUTE_ROWS: list[Row] = [
    {
        "attribute": name,
        "kind": "event" if name.startswith("event.") else "source",
        "value_type": "text",
        "is_personal": "false",
        "source_file": name.removeprefix("event."),
        "label_en": name,
        "label_ja": name,
        "is_multi_valued": "true",
    }
    for name in MULTI_VALUED
]


@cache
def shared_cases() -> tuple[Case, ...]:
    """The cases that all tests of a run look at."""
    return tuple(draw_cases(CASE_COUNT))


@cache
def rulebook(case: Case) -> reference.Rulebook:
    """The rules that matter to a case: its own and the shared ones."""
    seeds: dict[str, list[Row]] = {
        name: [*SHARED_SEEDS[name], *case.seeds[name]] for name in SHARED_SEEDS
    }
    seeds |= {"event_types": EVENT_TYPE_ROWS, "attributes": ATTRIBUTE_ROWS}
    return reference.read_rulebook(seeds)


def case_scores(case: Case, as_of: date) -> reference.Scores:
    """What the leads of a case should score."""
    return reference.score(rulebook(case), case.leads, case.events, as_of)


def write_world(folder: Path) -> tuple[Path, Path]:
    """Write all cases as files; gives the raw folder and the rules folder."""
    cases, raw_dir, rules = shared_cases(), folder / "raw", folder / "rules"
    leads = [row for case in cases for row in case.leads]
    events = [row for case in cases for row in case.events]
    write_rows(raw_dir / "leads.csv", LEAD_COLUMNS, leads)
    write_rows(raw_dir / "events.csv", EVENT_COLUMNS, events)
    write_rules(rules, cases)
    return raw_dir, rules


def write_rules(rules: Path, cases: Sequence[Case]) -> None:
    """Write the rules of some cases and those that all share."""
    for name, columns in SEED_COLUMNS.items():
        rows = [*SHARED_SEEDS[name], *(row for case in cases for row in case.seeds[name])]
        write_rows(rules / f"{name}.csv", columns, rows)
    # Shipped seeds that are not replaced refer to shipped event types and attributes: those stay.
    shipped = shipped_seeds("reference")
    event_types = [{"event_type": row["event_type"]} for row in shipped["event_types"]]
    write_rows(rules / "event_types.csv", ("event_type",), [*event_types, *EVENT_TYPE_ROWS])
    attributes = shipped["attributes"]
    write_rows(rules / "attributes.csv", list(attributes[0]), [*attributes, *ATTRIBUTE_ROWS])
