"""Whether limits and plans name raw tables that a source can have."""

from __future__ import annotations

from pathlib import Path

from orchestration.lib.problems import Problem
from orchestration.lib.quality.checked_tables import table_ids
from orchestration.lib.quality.limits import EVERYTHING
from orchestration.lib.seeds import SeedSet
from orchestration.lib.seeds.names import did_you_mean

_RAW_PREFIX = "raw_"


def check_named_tables(project_root: Path, seed_set: SeedSet) -> list[Problem]:
    """Rows that name a table which nobody has, so that they would never count."""
    known = table_ids(project_root)
    sources = {name.partition(".")[0] for name in known}
    planned, limits = seed_set.tables["planned_events"], seed_set.tables["quality_limits"]
    remedy = "Write it as source.table, e.g. hubspot.contact."
    problems = [
        planned.problem(
            row,
            "table_name",
            f"No source has a table '{name}'.{did_you_mean(name, known)}",
            f"{remedy} An empty cell is every table.",
        )
        for row in planned.rows
        if (name := row.get("table_name")) is not None and name not in known
    ]
    problems += [
        limits.problem(
            row,
            "subject",
            f"No source has a table '{subject}'.{did_you_mean(subject, known)}",
            f"{remedy} '{EVERYTHING}' is every table without a row of its own.",
        )
        for row in limits.rows
        if (row.get("limit_id") or "").startswith(_RAW_PREFIX)
        and (subject := row.get("subject")) is not None
        and subject not in {EVERYTHING, *sources, *known}
    ]
    return problems
