"""Cells that name a row of another seed."""

from __future__ import annotations

from orchestration.lib.seeds.catalog import SeedColumn
from orchestration.lib.seeds.tables import SeedRow, SeedTable

_THINGS = {
    "score_id": "score",
    "group_id": "group",
    "event_type": "event type",
    "rule_id": "rule",
    "fit_score_id": "score",
    "engagement_score_id": "score",
    "grade_set": "grade set",
    "exclusion_id": "exclusion",
    "policy_id": "policy",
    "route_id": "routing rule",
    "team_id": "team",
    "member_id": "member",
    "program_id": "program",
    "calendar_id": "calendar",
    "service_level_id": "service level",
    "handoff_stage": "hand-off stage",
    "enter_rules": "rule",
    "bypass_rules": "rule",
    "blocked_by_rules": "rule",
    "enter_grades": "grade",
    "stay_grades": "grade",
    "enter_dispositions": "disposition",
}


def thing(column: str) -> str:
    """What a cell of the column names, in words for people."""
    return _THINGS.get(column, column.replace("_", " "))


def columns_named_with(column: SeedColumn) -> tuple[str, ...]:
    """The columns that together name the row: what the value belongs to, then the value."""
    if column.references is None:
        return ()
    # The value itself comes last; what it belongs to stands under the same names here.
    return (*column.references[1][:-1], column.name)


def known_values(column: SeedColumn, target: SeedTable) -> set[tuple[str | None, ...]]:
    """What the column may name in the seed that it refers to."""
    names = column.references[1] if column.references is not None else ()
    return {tuple(row.get(name) for name in names) for row in target.rows}


def dangling_rows(table: SeedTable, column: SeedColumn, target: SeedTable) -> list[SeedRow]:
    """The rows whose readable cell in this column names nothing that the other seed has."""
    known = known_values(column, target)
    here = columns_named_with(column)
    return [
        row
        for row in table.rows
        if not row.unreadable.intersection(here) and dangling_items(row, column, known)
    ]


def dangling_items(
    row: SeedRow, column: SeedColumn, known: set[tuple[str | None, ...]]
) -> tuple[str, ...]:
    """What the cell names and `known` lacks; more than one thing only where it is a list."""
    belonging = tuple(row.cells[name] for name in columns_named_with(column)[:-1])
    items = column.items(row.cells[column.name])
    return tuple(item for item in items if (*belonging, item) not in known)
