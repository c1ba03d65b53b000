"""The warehouse against the reference reading, over hundreds of random cases in one build.

Each case has leads, scores and rules of its own, so a build scores all of them at once. Rules hold
for all leads; compared are the lines of a case's own leads in its own scores and in the two scores
that all cases share. The same cases are built as of two days, because the later one makes leads,
events and rule periods appear and others end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from tests.orchestration.building import Published
from tests.orchestration.reference_scoring import Grade, Line, LineKey, Scores, record
from tests.orchestration.strategies import AS_OF, LATER, Case, Row
from tests.orchestration.worlds import case_scores, shared_cases, write_world

SHOWN_DIFFERENCES = 5

# The number of its case stands first in each id; ids of the shared scores bear none.
OWN_SCORES = """
    (score_id in ('fit', 'engagement')
        or split_part(score_id, '_', 1) = split_part(lead_id, '-', 1))
"""


@dataclass(frozen=True)
class World:
    """What was built as of a day, and what should have been."""

    as_of: date
    published: Published
    expected: tuple[tuple[Case, Scores], ...]


@pytest.fixture(scope="module")
def worlds(
    build: Callable[..., Published], tmp_path_factory: pytest.TempPathFactory
) -> dict[date, World]:
    """The same files as of both days, built side by side: one build does not fill two cores."""
    folder = tmp_path_factory.mktemp("worlds")
    raw_dir, rules = write_world(folder)

    def build_world(as_of: date) -> World:
        published = build(raw_dir, folder / f"work_{as_of}", as_of, rules)
        expected = tuple((case, case_scores(case, as_of)) for case in shared_cases())
        return World(as_of, published, expected)

    with ThreadPoolExecutor() as pool:
        return {world.as_of: world for world in pool.map(build_world, (AS_OF, LATER))}


@pytest.fixture(scope="module", params=[AS_OF, LATER], ids=str)
def world(request: pytest.FixtureRequest, worlds: dict[date, World]) -> World:
    return worlds[request.param]


# --- Accounts of a difference ---------------------------------------------------------------------


def filled(row: Row) -> dict[str, str]:
    """The cells of a row that hold something."""
    return {name: value for name, value in row.items() if value.strip()}


def account(case: Case, key: LineKey, expected: Line | None, actual: Line | None) -> str:
    """Everything that bears on one differing line, and nothing else."""
    rules = [row for row in case.seeds["scoring_rules"] if row["rule_id"] == key.rule_id]
    conditions = [row for row in case.seeds["rule_conditions"] if row["rule_id"] == key.rule_id]
    groups = [row for row in case.seeds["score_groups"] if row["score_id"] == key.score_id]
    scores = [row for row in case.seeds["score_definitions"] if row["score_id"] == key.score_id]
    fields = {row["field"].lower() for row in conditions}
    types = {row["event_type"] for row in rules}
    always = {"lead_id", "created_at", "opted_out"}
    lines = [f"case {case.number}: {key}", f"  expected {expected}", f"  actual   {actual}"]
    lines += [f"  rule      {filled(row)}" for row in rules]
    lines += [f"  condition {filled(row)}" for row in conditions]
    lines += [f"  limits    {filled(row)}" for row in [*groups, *scores] if not key.rule_id]
    for row in case.leads:
        if row["lead_id"] == key.lead_id:
            shown = {n: v for n, v in row.items() if n.lower() in fields or n in always}
            lines.append(f"  lead      {shown}")
    for row in case.events:
        if record(row)["lead_id"] == key.lead_id and row["event_type"] in types:
            shown = {n: v for n, v in row.items() if f"event.{n}".lower() in fields}
            lines.append(f"  event     {row['event_id']} {row['occurred_at']} {shown}")
    return "\n".join(lines)


def report(kind: str, accounts: Iterable[str]) -> str:
    """The shortest accounts, as many as a person reads."""
    found = sorted(accounts, key=len)
    shown = "\n\n".join(found[:SHOWN_DIFFERENCES])
    return f"{len(found)} {kind} differ, the simplest of them:\n\n{shown}"


def differing(expected: Mapping[Any, Any], actual: Mapping[Any, Any]) -> list[Any]:
    """The keys under which two mappings say different things."""
    keys = sorted(expected.keys() | actual.keys())
    absent = object()
    return [key for key in keys if expected.get(key, absent) != actual.get(key, absent)]


# --- Agreement, line by line ----------------------------------------------------------------------


def test_every_ledger_line_agrees(world: World) -> None:
    query = f"""
        select
            lead_id, score_id, coalesce(group_id, ''), coalesce(rule_id, ''), entry_type,
            points, occurrences, last_event_date
        from fct_score_ledger
        where {OWN_SCORES}
    """
    rows = world.published.rows(query)
    actual = {LineKey(*row[:5]): Line(*row[5:]) for row in rows}
    assert len(actual) == len(rows), "a key of the ledger stands twice"
    cases = {case.number: case for case, _ in world.expected}
    expected = {key: line for _, scores in world.expected for key, line in scores.ledger.items()}
    accounts = [
        account(cases[int(key.lead_id[:3])], key, expected.get(key), actual.get(key))
        for key in differing(expected, actual)
    ]
    assert not accounts, report("ledger lines", accounts)


def test_every_score_and_band_agrees(world: World) -> None:
    query = f"select lead_id, score_id, points, band from fct_lead_score_values where {OWN_SCORES}"
    rows = world.published.rows(query)
    actual = {(row[0], row[1]): (row[2], row[3]) for row in rows}
    assert len(actual) == len(rows), "a lead has a score twice"
    expected = {
        key: (points, scores.bands[key])
        for _, scores in world.expected
        for key, points in scores.points.items()
    }
    accounts = [
        f"{key}: expected {expected.get(key)}, actual {actual.get(key)}"
        for key in differing(expected, actual)
    ]
    assert not accounts, report("scores", accounts)


def test_every_grade_agrees(world: World) -> None:
    query = """
        select lead_id, grade_set, grade, temperature, route, priority
        from fct_lead_grades
        where grade_set = 'main'
            or split_part(grade_set, '_', 1) = split_part(lead_id, '-', 1)
    """
    rows = world.published.rows(query)
    actual = {(row[0], row[1]): Grade(*row[2:]) for row in rows}
    assert len(actual) == len(rows), "a lead has a grade twice"
    expected = {key: grade for _, scores in world.expected for key, grade in scores.grades.items()}
    accounts = [
        f"{key}: expected {expected.get(key)}, actual {actual.get(key)}"
        for key in differing(expected, actual)
    ]
    assert not accounts, report("grades", accounts)


def test_the_row_of_a_lead_repeats_its_scores_and_main_grade(world: World) -> None:
    query = """
        select
            lead_id, fit_score, engagement_score, fit_band, engagement_band,
            grade, temperature, route, priority
        from fct_lead_scores
    """
    rows = world.published.rows(query)
    actual = {row[0]: row[1:] for row in rows}
    assert len(actual) == len(rows), "a lead stands twice"
    expected = {}
    for _, scores in world.expected:
        for lead_id in scores.scored:
            grade = scores.grades[lead_id, "main"]
            expected[lead_id] = (
                scores.points[lead_id, "fit"],
                scores.points[lead_id, "engagement"],
                scores.bands[lead_id, "fit"],
                scores.bands[lead_id, "engagement"],
                *(grade.grade, grade.temperature, grade.route, grade.priority),
            )
    accounts = [
        f"{key}: expected {expected.get(key)}, actual {actual.get(key)}"
        for key in differing(expected, actual)
    ]
    assert not accounts, report("leads", accounts)


def test_leads_exist_and_are_scored_as_of_the_day(world: World) -> None:
    rows = world.published.rows("select lead_id, is_scored from dim_leads")
    actual = dict(rows)
    assert len(actual) == len(rows), "a lead stands twice"
    expected = {
        lead_id: lead_id in scores.scored
        for _, scores in world.expected
        for lead_id in scores.existing
    }
    accounts = [
        f"{key}: expected {expected.get(key)}, actual {actual.get(key)}"
        for key in differing(expected, actual)
    ]
    assert not accounts, report("leads", accounts)


# --- Laws, over all rows and not only those of a case ---------------------------------------------


def test_lines_of_the_ledger_sum_to_the_score(world: World) -> None:
    query = """
        with sums as (
            select lead_id, score_id, sum(points) as points
            from fct_score_ledger
            group by lead_id, score_id
        )
        select lead_id, score_id, scores.points, sums.points
        from fct_lead_score_values as scores
        full join sums using (lead_id, score_id)
        where scores.points is distinct from coalesce(sums.points, 0)
    """
    assert world.published.rows(query) == []


def test_every_scored_lead_has_every_score_and_no_other_lead_has_any(world: World) -> None:
    scored = {lead_id for _, scores in world.expected for lead_id in scores.scored}
    score_ids = {score_id for case, _ in world.expected for score_id in own_scores(case)}
    query = """
        select lead_id, count(*), count(distinct score_id)
        from fct_lead_score_values
        group by lead_id
    """
    counts = world.published.rows(query)
    assert {row[0] for row in counts} == scored
    assert {row[1:] for row in counts} == {(len(score_ids), len(score_ids))}
    for mart in ("fct_score_ledger", "fct_lead_grades", "fct_lead_scores"):
        leads = world.published.rows(f"select distinct lead_id from {mart}")
        assert {row[0] for row in leads} <= scored


def own_scores(case: Case) -> set[str]:
    """The scores of a case and the two that all share."""
    return {row["score_id"] for row in case.seeds["score_definitions"]} | {"fit", "engagement"}


def test_rows_bear_one_stamp(world: World) -> None:
    columns = "as_of_date, is_provisional, rule_set_id"
    marts = ("fct_score_ledger", "fct_lead_score_values", "fct_lead_grades", "fct_lead_scores")
    stamps = {
        row
        for mart in marts
        for row in world.published.rows(f"select distinct {columns} from {mart}")
    }
    assert [stamp[:2] for stamp in stamps] == [(world.as_of, False)]
