"""Several days in one pass against the reference reading of each of them.

The random cases of the property test, with rule periods, windows, decays, counts and conditions on
how long ago a day is, are scored for many days at once. For every day the scores are those that a
build as of that day gives: the reference says which, and the property test says that builds agree
with it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import duckdb
import pytest

from orchestration.lib.builds.build import land, prepare_rules
from orchestration.lib.builds.dbt_command import dbt_environment
from orchestration.lib.builds.rules import check_rules
from orchestration.lib.settings import resolve_settings
from tests.orchestration import reference_scoring as reference
from tests.orchestration.building import reuse_parse
from tests.orchestration.strategies import AS_OF, LATER, Case
from tests.orchestration.untested_builds import without_tests
from tests.orchestration.worlds import case_scores, rulebook, shared_cases, write_world

pytestmark = pytest.mark.law

DAY = timedelta(days=1)
DAYS = (AS_OF - 31 * DAY, AS_OF - 2 * DAY, AS_OF, AS_OF + DAY, AS_OF + 9 * DAY, LATER)
SHOWN_DIFFERENCES = 5
MODELS = ("+int_lead_day_scores", "+int_lead_day_grades")

Rows = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rows]:
    """Queries on one build of all days."""
    folder = tmp_path_factory.mktemp("lead_days")
    raw_dir, rules = write_world(folder)
    settings = resolve_settings(
        {
            "source": "file",
            "raw_dir": str(raw_dir),
            "rules": str(rules),
            "workdir": str(folder / "work"),
            "as_of": LATER.isoformat(),
        },
        environment={},
    )
    land(settings, check_rules(settings))
    prepare_rules(settings, check_rules(settings))
    reuse_parse(folder / "work", "file")
    done = subprocess.run(
        without_tests(settings, MODELS),
        env=dbt_environment(settings, os.environ, DAYS[:-1]),
        cwd=settings.workdir.project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    with duckdb.connect(str(settings.workdir.database), read_only=True) as connection:
        connection.execute("set schema = 'intermediate'")
        yield lambda query: connection.execute(query).fetchall()


def single_rows(case: Case) -> set[str]:
    """Leads that stand once in the file: of several rows only the one that holds now is kept."""
    ids = [row["lead_id"].strip(reference.WHITE_SPACE) for row in case.leads]
    return {lead_id for lead_id in ids if ids.count(lead_id) == 1}


def report(accounts: list[str]) -> str:
    shown = "\n".join(sorted(accounts, key=len)[:SHOWN_DIFFERENCES])
    return f"{len(accounts)} differ, among them:\n{shown}"


def test_every_day_has_the_scores_of_a_build_as_of_that_day(rows: Rows) -> None:
    found = rows("select as_of_date, lead_id, score_id, points, band from int_lead_day_scores")
    actual = {row[:3]: row[3:] for row in found}
    assert len(actual) == len(found), "a lead has a score twice on a day"
    accounts = []
    for day in DAYS:
        compared = 0
        for case in shared_cases():
            scores = case_scores(case, day)
            singles = single_rows(case)
            for (lead_id, score_id), points in scores.points.items():
                if lead_id in singles:
                    compared += 1
                    expected = (points, scores.bands[lead_id, score_id])
                    seen = actual.get((day, lead_id, score_id))
                    if seen != expected:
                        accounts.append(
                            f"{day} {lead_id} {score_id}: expected {expected}, actual {seen}"
                        )
            gone = singles - scores.scored
            accounts += [
                f"{day} {lead_id} has a score, but is no scored lead"
                for lead_id in gone
                if (day, lead_id, "fit") in actual
            ]
        assert compared > 100
    assert not accounts, report(accounts)


def known_points(
    case: Case, rule: reference.Rule, lead: reference.Record, before: date, day: date
) -> Decimal:
    """Decayed points on a day of those events alone that happened by an earlier one."""
    book = rulebook(case)
    events = reference.events_of_day(case.events, before).get(lead["lead_id"] or "", [])
    lines = reference.rule_lines(book, rule, lead, events, day)
    return sum((line.points for line in lines.values()), start=Decimal("0.00"))


def test_points_without_news_count_what_was_known_on_the_day_before(rows: Rows) -> None:
    found = rows(
        """
        select
            leads.as_of_date, leads.lead_id, rules.rule_id, points.known_points,
            points.decayed_points
        from int_rule_points as points
        inner join int_rules as rules using (rule_key)
        inner join int_scored_leads as leads using (lead_key)
        where leads.previous_lead_key is not null
        """
    )
    actual = {row[:3]: row[3:] for row in found}
    accounts = []
    news = 0
    for case in shared_cases():
        for before, day in pairwise(DAYS):
            leads = reference.leads_of_day(case.leads, day)
            for rule in rulebook(case).rules:
                if not reference.is_in_force(rule, day):
                    continue
                for lead_id in single_rows(case) & leads.keys():
                    seen = actual.get((day, lead_id, rule.rule_id))
                    if seen is None:
                        continue
                    news += seen[0] != seen[1]
                    expected = known_points(case, rule, leads[lead_id], before, day)
                    if seen[0] != expected:
                        accounts.append(
                            f"{day} {lead_id} {rule}: expected {expected}, actual {seen}"
                        )
    assert news > 100
    assert not accounts, report(accounts)
