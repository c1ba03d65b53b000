"""Checks that hold for every seed: its key, and the other seeds that its cells name."""

from __future__ import annotations

from orchestration.lib.problems import Problem
from orchestration.lib.seeds.catalog import SeedColumn
from orchestration.lib.seeds.names import did_you_mean
from orchestration.lib.seeds.references import (
    columns_named_with,
    dangling_items,
    dangling_rows,
    known_values,
    thing,
)
from orchestration.lib.seeds.tables import SeedRow, SeedSet, SeedTable


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
        target = seed_set.tables.get(column.references[0])
        if target is None:
            continue
        here = columns_named_with(column)
        failing = [
            row
            for row in dangling_rows(table, column, target)
            if not unknown_columns.get(row.number, set()).intersection(here)
        ]
        for row in failing:
            unknown_columns.setdefault(row.number, set()).add(column.name)
        if table.is_shipped and not target.is_shipped and failing:
            problems.append(_left_behind(table, target, column, failing))
        else:
            known = known_values(column, target)
            words = {word for values in known if (word := values[-1])}
            problems.extend(
                _unknown(table, target, column, row, item, words)
                for row in failing
                for item in dangling_items(row, column, known)
            )
    return problems


def _unknown(
    table: SeedTable,
    target: SeedTable,
    column: SeedColumn,
    row: SeedRow,
    value: str,
    words: set[str],
) -> Problem:
    belongs_to = columns_named_with(column)[:-1]
    belonging = "".join(f" of {thing(name)} '{row.cells[name]}'" for name in belongs_to)
    return table.problem(
        row,
        column.name,
        f"Unknown {thing(column.name)} '{value}'{belonging}.{did_you_mean(value, words)}",
        f"Correct the cell, or add the {thing(column.name)} to {target.file}.",
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
        f"{rows} an unknown {thing(column.name)}: {target.file} takes the place of the shipped "
        f"seed and does not have it.",
        f"Add it to {target.file}, or put a {table.spec.name}.csv that fits beside it; the row of "
        "column names alone is enough if you need none.",
    )
