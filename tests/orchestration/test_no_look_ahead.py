"""No look-ahead: the scores of a day do not change with anything that came later.

The same world is scored as of one day three times: as it stands weeks later, without any row or
value that is later than the day, and with all of that mixed up and more of it added.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.orchestration.bare_runs import BareRun, run_bare
from tests.orchestration.time_travel import write_nonsense, write_past
from tests.orchestration.time_worlds import AS_OF, SOURCES, write_time_rules, write_time_world

pytestmark = pytest.mark.law

# What scores are made of and what is shown beside them; keys first.
MARTS = {
    "fct_score_ledger": ("lead_id", "score_id", "group_id", "rule_id", "entry_type"),
    "fct_lead_scores": ("lead_id",),
    "fct_lead_score_values": ("lead_id", "score_id"),
    "fct_lead_grades": ("lead_id", "grade_set"),
    "dim_leads": ("lead_id",),
    "fct_lead_outcomes": ("lead_id",),
    "fct_lead_lifecycle": ("lead_id", "cycle_number", "stage_id"),
    "rpt_sales_queue": ("lead_id",),
    "rpt_nurture_queue": ("lead_id",),
}
WORLDS = ("past", "nonsense")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, BareRun]:
    folder = tmp_path_factory.mktemp("look_ahead")
    write_time_world(folder)
    rules = write_time_rules(folder / "rules")
    raw = folder / "raw"
    raws = {
        "whole": raw,
        "past": write_past(raw, folder / "past"),
        "nonsense": write_nonsense(raw, folder / "nonsense"),
    }
    parsed = folder / "work_whole"

    def run(name: str) -> BareRun:
        return run_bare(raws[name], folder / f"work_{name}", AS_OF, rules, SOURCES, parsed=parsed)

    whole = run("whole")
    with ThreadPoolExecutor() as pool:
        return {"whole": whole} | dict(zip(WORLDS, pool.map(run, WORLDS), strict=True))


def rows_by_text(run: BareRun, mart: str) -> set[tuple[Any, ...]]:
    columns = [
        name
        for (name,) in run.rows(
            "select column_name from duckdb_columns()"
            f" where schema_name = 'marts' and table_name = '{mart}' order by column_index"
        )
    ]
    return {
        tuple(f"{name}={value}" for name, value in zip(columns, row, strict=True))
        for row in run.rows(f"from marts.{mart}")
    }


def shown(rows: Iterable[tuple[Any, ...]]) -> str:
    return "\n".join(f"  {row}" for row in sorted(rows)[:8])


@pytest.mark.parametrize("mart", MARTS)
@pytest.mark.parametrize("world", WORLDS)
def test_nothing_later_than_the_day_changes_what_is_known_on_it(
    runs: dict[str, BareRun], mart: str, world: str
) -> None:
    expected, found = (rows_by_text(runs[name], mart) for name in ("whole", world))
    missing, surplus = expected - found, found - expected
    assert not missing | surplus, (
        f"{len(missing)} rows only in the whole world:\n{shown(missing)}\n"
        f"{len(surplus)} rows only in the other one:\n{shown(surplus)}"
    )
