"""One pass over past days gives the scores that a replay of each day gives, to the cent.

A build with a history is compared with replays of single days in working folders of their own. In
between, records of one person appear, merge and are deleted, visitors say names, rules begin and
end, and fields change.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.orchestration.bare_runs import BareRun, run_bare
from tests.orchestration.building import Published, build
from tests.orchestration.score_history import (
    broken_periods,
    parts_of_days_that_do_not_sum,
    parts_that_do_not_sum,
)
from tests.orchestration.time_worlds import (
    AS_OF,
    LATER,
    SOURCES,
    write_time_rules,
    write_time_world,
)

pytestmark = pytest.mark.law

START = date(2026, 9, 29)
# Before, on and after the day on which most of the planted people change.
DAYS = (AS_OF, date(2026, 10, 7), date(2026, 10, 8))
SHOWN = (
    "fit_score, engagement_score, fit_band, engagement_band, grade, temperature, route, priority"
)


@dataclass(frozen=True)
class Replays:
    """A build with a history, its build file, and the replays of single days."""

    published: Published
    pass_over_days: BareRun
    singles: dict[date, BareRun]


def build_history(raw: Path, workdir: Path, rules: Path) -> Published:
    """`leads build --history-from`."""
    return build(raw, workdir, LATER, rules, SOURCES, ("--history-from", START.isoformat()))


@pytest.fixture(scope="module")
def replays(tmp_path_factory: pytest.TempPathFactory) -> Replays:
    folder = tmp_path_factory.mktemp("replays")
    write_time_world(folder)
    rules = write_time_rules(folder / "rules")
    raw, parsed = folder / "raw", folder / f"work_{DAYS[0]}"

    def replay(day: date) -> BareRun:
        return run_bare(raw, folder / f"work_{day}", day, rules, SOURCES, parsed=parsed)

    with ThreadPoolExecutor(2) as pool:
        built: Future[Published] = pool.submit(build_history, raw, folder / "history", rules)
        singles = {day: pool.submit(replay, day).result() for day in DAYS}
        published = built.result()
    database = folder / "history" / "warehouse" / "leads.duckdb"
    return Replays(published, BareRun(LATER, database), singles)


def by_lead(rows: list[tuple[Any, ...]], key_size: int = 1) -> dict[tuple[Any, ...], Any]:
    return {row[:key_size]: row[key_size:] for row in rows}


def past_companies(replays: Replays, day: date) -> set[str]:
    """The leads of a day that one pass does not know exactly.

    One pass knows companies as they are on its own day, and leads that were deleted without a merge
    on no day. A lead is told apart if it is gone, or if others of its day are its colleagues.
    """
    query = "select lead_id, company_id from {}dim_leads"
    then = dict(replays.singles[day].rows(query.format("marts.")))
    now = dict(replays.published.rows(query.format("")))
    gone = then.keys() - now.keys() - {"merged"}

    def colleagues(companies: dict[str, str]) -> dict[str, frozenset[str]]:
        teams: dict[str, set[str]] = {}
        for lead in then.keys() & now.keys():
            teams.setdefault(companies[lead] or lead, set()).add(lead)
        return {lead: frozenset(team) for team in teams.values() for lead in team}

    past, present = colleagues(then), colleagues(now)
    moved = {lead for lead in past if past[lead] != present[lead] or then[lead] != now[lead]}
    return gone | moved


def differences(
    replayed: dict[tuple[Any, ...], Any],
    in_pass: dict[tuple[Any, ...], Any],
    inexact: set[str],
) -> list[str]:
    """What only one side says, but of some leads."""
    return [
        f"{key}: replayed {replayed.get(key)}, in one pass {in_pass.get(key)}"
        for key in sorted(replayed.keys() | in_pass.keys())
        if replayed.get(key) != in_pass.get(key) and key[0] not in inexact
    ]


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_history_of_a_day_is_what_its_replay_gives(replays: Replays, day: date) -> None:
    replayed = replays.singles[day].rows(f"select lead_id, {SHOWN} from marts.fct_lead_scores")
    in_pass = replays.published.rows(
        f"""
        select lead_id, {SHOWN}
        from fct_lead_score_history
        where valid_from <= date '{day}' and coalesce(valid_to > date '{day}', true)
        """
    )
    inexact = past_companies(replays, day)
    differing = differences(by_lead(replayed), by_lead(in_pass), inexact)
    assert not differing, f"{len(differing)} leads differ:\n" + "\n".join(differing[:12])
    assert len(replayed) > 380
    assert len(inexact) < 20
    planted = {"visitor", "survivor", "merged", "promoted", "one_first", "customer"}
    assert not inexact & planted


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_score_of_a_past_day_is_what_its_replay_gives(replays: Replays, day: date) -> None:
    replayed = replays.singles[day].rows(
        "select lead_id, score_id, points, band from marts.fct_lead_score_values"
    )
    in_pass = replays.pass_over_days.rows(
        f"""
        select lead_id, score_id, points, band
        from intermediate.int_lead_day_scores
        where as_of_date = date '{day}'
        """
    )
    inexact = past_companies(replays, day)
    differing = differences(by_lead(replayed, 2), by_lead(in_pass, 2), inexact)
    assert not differing, f"{len(differing)} scores differ:\n" + "\n".join(differing[:12])


def test_what_happens_in_between_shows(replays: Replays) -> None:
    """The replays are a test of something: planted people and many others move."""
    before, after = (
        by_lead(replays.singles[day].rows(f"select lead_id, {SHOWN} from marts.fct_lead_scores"))
        for day in DAYS[1:]
    )
    planted = {"visitor", "survivor", "promoted", "renamed", "of_old_company"}
    assert {lead for lead in planted if before[(lead,)] != after[(lead,)]} == planted
    assert {("merged",), ("deleted",)} <= before.keys() - after.keys()
    assert ("late",) in after.keys() - before.keys()
    assert ("one_second",) not in before.keys() | after.keys()


def test_parts_sum_to_the_change_of_every_lead_and_day(replays: Replays) -> None:
    differing = parts_that_do_not_sum(replays.published)
    differing += parts_of_days_that_do_not_sum(replays.pass_over_days)
    assert not differing, f"{len(differing)} changes differ:\n" + "\n".join(differing[:12])
    assert broken_periods(replays.published) == []
    causes = {cause for (cause,) in replays.published.rows("select cause from fct_score_changes")}
    assert causes >= {"new_event", "decay", "attribute", "merge", "rule_change", "limits"}
