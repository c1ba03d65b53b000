"""Checks that hold for every seed: its key, and the other seeds that its cells name."""

from __future__ import annotations

from orchestration.lib.problems import Problem
from orchestration.lib.seeds.catalog import SeedColumn
from orchestration.lib.seeds.names import did_you_mean
from orchestration.lib.seeds.tables import SeedRow, SeedSet, SeedTable

_THINGS = {
    "score_id": "score",
    "group_id": "group",
    "event_type": "event type",
    "rule_id": "rule",
    "fit_score_id": "score",
    "engagement_score_id": "score",
    "grade_set": "grade set",
    "exclusion_id": "exclusion",
}


def check_keys(table: SeedTable) -> list[Problem]:
    """Rows whose key stands in an earlier row already."""
    problems = []
    first_rows: dict[tuple[str | None, ...], int] = {}
    key = table.spec.key
    for row in table.rows:
        if row.unreadable.intersection(key):
            continue
        values = tuple(row.cells[column] for column in key)
        if values in first_rows:
            problems.append(
                table.problem(
                    row,
                    key[0] if len(key) == 1 else ", ".join(key),
                    f"The key stands in row {first_rows[values]} already.",
                    "Remove one of the two rows, or change its key.",
                )
            )
        else:
            first_rows[values] = row.number
    return problems


def check_references(table: SeedTable, seed_set: SeedSet) -> list[Problem]:
    """Cells that name something which the other seed does not have."""
    problems: list[Problem] = []
    unknown_columns: dict[int, set[str]] = {}
    for column in table.spec.columns:
        if column.references is None:
            continue
        seed, names = column.references
        target = seed_set.tables.get(seed)
        if target is None:
            continue
        known = {tuple(row.get(name) for name in names) for row in target.rows}
        # The value itself comes last; what it belongs to stands under the same names here.
        here = (*names[:-1], column.name)
        failing = [
            row
            for row in table.rows
            if row.cells[column.name] is not None
            and not row.unreadable.intersection(here)
            and not unknown_columns.get(row.number, set()).intersection(here)
            and tuple(row.cells[name] for name in here) not in known
        ]
        for row in failing:
            unknown_columns.setdefault(row.number, set()).add(column.name)
        if table.is_shipped and not target.is_shipped and failing:
            problems.append(_left_behind(table, target, column, failing))
        else:
            words = {values[-1] for values in known if values[-1]}
            problems.extend(
                _unknown(table, target, column, here, row, {word for word in words if word})
                for row in failing
            )
    return problems


def _unknown(
    table: SeedTable,
    target: SeedTable,
    column: SeedColumn,
    here: tuple[str, ...],
    row: SeedRow,
    words: set[str],
) -> Problem:
    value = row.cells[column.name] or ""
    belonging = "".join(f" of {_thing(name)} '{row.cells[name]}'" for name in here[:-1])
    return table.problem(
        row,
        column.name,
        f"Unknown {_thing(column.name)} '{value}'{belonging}.{did_you_mean(value, words)}",
        f"Correct the cell, or add the {_thing(column.name)} to {target.file}.",
    )


def _left_behind(
    table: SeedTable, target: SeedTable, column: SeedColumn, failing: list[SeedRow]
) -> Problem:
    """One problem instead of many where a replaced seed leaves the shipped one without it."""
    count = len(failing)
    rows = "This row names" if count == 1 else f"This and {count - 1} more rows name"
    return table.problem(
        failing[0],
        column.name,
        f"{rows} an unknown {_thing(column.name)}: {target.file} takes the place of the shipped "
        f"seed and does not have it.",
        f"Put a {table.spec.name}.csv that fits beside {target.file}; the row of column names "
        "alone is enough if you need none.",
    )


def _thing(column: str) -> str:
    return _THINGS.get(column, column.replace("_", " "))
