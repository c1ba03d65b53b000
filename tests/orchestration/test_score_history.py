"""Scores through time: what is recorded day by day, and why scores moved.

One small world is built on three days, the last of them twice and then with an earlier day filled
in. Every lead stands for one cause; what should come out is worked out by hand beside it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.builds.history_days import choose_history_days, cut_off_pass
from tests.orchestration.building import Published, build, write_rows

pytestmark = pytest.mark.law

Part = tuple[str, str, str, str, str]
Row = dict[str, str]

RULES: dict[str, tuple[str, ...]] = {
    "score_definitions": ("score_id,min_points,max_points", "fit,0,100", "engagement,0,50"),
    "score_groups": ("score_id,group_id", "fit,company", "engagement,web", "engagement,asked"),
    "rule_conditions": ("rule_id,alternative,field,operator,value", "big,1,employees,gte,300"),
    "score_bands": (
        "score_id,band,min_points",
        "fit,B,",
        "fit,A,10",
        "engagement,2,",
        "engagement,1,20",
    ),
    "grades": (
        "fit_band,engagement_band,grade,temperature,route,priority",
        "A,1,A1,hot,sales,1",
        "A,2,A2,warm,nurture,2",
        "B,1,B1,warm,sales,3",
        "B,2,B2,cold,none,4",
    ),
    "event_types": ("event_type", "demo_requested", "page_viewed"),
}
RULE_COLUMNS = (
    "rule_id,score_id,group_id,applies_to,event_type,points,repeat,max_count,window_days,"
    "decay,decay_days,decay_percent,valid_from"
)
# A page view is worth 8 points on its day and a quarter of them less on each later one.
SCORING_RULES = (
    "big,fit,company,lead,,10,,,,,,,",
    "asked,engagement,asked,event,demo_requested,20,each,3,,,,,",
    "viewed,engagement,web,event,page_viewed,8,each,3,30,linear,1,25,",
)
# A weight that is edited in place, and a rule that begins.
LATER_RULES = (
    "big,fit,company,lead,,10,,,,,,,",
    "asked,engagement,asked,event,demo_requested,30,each,3,,,,,",
    "viewed,engagement,web,event,page_viewed,8,each,3,30,linear,1,25,",
    "welcome,fit,company,lead,,5,,,,,,,2026-06-04",
)

LEADS: tuple[Row, ...] = (
    {"lead_id": "steady", "employees": "500"},
    {"lead_id": "grower", "employees": "10"},
    {"lead_id": "visitor"},
    {"lead_id": "late"},
    {"lead_id": "leaver", "employees": "500"},
    {"lead_id": "twin", "email": "twin@twin.example", "created_at": "2026-05-01"},
    {"lead_id": "capped"},
)
LATER_LEADS: tuple[Row, ...] = (
    {"lead_id": "steady", "employees": "500"},
    {"lead_id": "grower", "employees": "500"},
    {"lead_id": "visitor"},
    {"lead_id": "late"},
    {"lead_id": "leaver", "employees": "500", "opted_out": "yes"},
    {"lead_id": "twin", "email": "twin@twin.example", "created_at": "2026-05-01"},
    {
        "lead_id": "twin2",
        "email": "twin@twin.example",
        "created_at": "2026-06-02",
        "employees": "500",
    },
    {"lead_id": "capped"},
)
EVENTS = (
    ("visitor", "page_viewed", "2026-06-01"),
    ("capped", "demo_requested", "2026-06-01"),
    ("capped", "demo_requested", "2026-06-01"),
)
LATER_EVENTS = (
    *EVENTS,
    ("visitor", "page_viewed", "2026-06-02"),
    ("late", "demo_requested", "2026-05-31"),
    ("twin2", "demo_requested", "2026-06-02"),
    ("capped", "demo_requested", "2026-06-02"),
)

FIRST_DAY: set[Part] = {
    ("2026-06-01", "steady", "fit", "attribute", "10.00"),
    ("2026-06-01", "visitor", "engagement", "new_event", "8.00"),
    ("2026-06-01", "leaver", "fit", "attribute", "10.00"),
    ("2026-06-01", "capped", "engagement", "new_event", "40.00"),
}
SECOND_DAY: set[Part] = {
    ("2026-06-02", "grower", "fit", "attribute", "10.00"),
    ("2026-06-02", "visitor", "engagement", "new_event", "8.00"),
    ("2026-06-02", "visitor", "engagement", "decay", "-2.00"),
    ("2026-06-02", "late", "engagement", "late_data", "20.00"),
    ("2026-06-02", "leaver", "fit", "attribute", "-10.00"),
    ("2026-06-02", "twin", "fit", "merge", "10.00"),
    ("2026-06-02", "twin", "engagement", "merge", "20.00"),
    ("2026-06-02", "capped", "engagement", "new_event", "20.00"),
    ("2026-06-02", "capped", "engagement", "limits", "-10.00"),
}
# Nobody built on the 3rd: the build of the 4th fills it in, under the rules that it has.
LAST_DAYS: set[Part] = {
    ("2026-06-03", "visitor", "engagement", "decay", "-4.00"),
    ("2026-06-03", "late", "engagement", "rule_change", "10.00"),
    ("2026-06-03", "twin", "engagement", "rule_change", "10.00"),
    ("2026-06-04", "visitor", "engagement", "decay", "-4.00"),
    ("2026-06-04", "steady", "fit", "rule_change", "5.00"),
    ("2026-06-04", "grower", "fit", "rule_change", "5.00"),
    ("2026-06-04", "visitor", "fit", "rule_change", "5.00"),
    ("2026-06-04", "late", "fit", "rule_change", "5.00"),
    ("2026-06-04", "twin", "fit", "rule_change", "5.00"),
    ("2026-06-04", "capped", "fit", "rule_change", "5.00"),
}
# The 31st is filled in last, with all that is known by then and under the rules of then. What the
# 1st was published with stands, and differs.
FILLED_IN: set[Part] = {
    ("2026-05-31", "steady", "fit", "attribute", "10.00"),
    ("2026-05-31", "leaver", "fit", "attribute", "10.00"),
    ("2026-05-31", "late", "engagement", "new_event", "30.00"),
    ("2026-06-01", "visitor", "engagement", "new_event", "8.00"),
    ("2026-06-01", "late", "engagement", "rule_change", "-30.00"),
    ("2026-06-01", "capped", "engagement", "new_event", "60.00"),
    ("2026-06-01", "capped", "engagement", "limits", "-10.00"),
    ("2026-06-01", "capped", "engagement", "rule_change", "-10.00"),
}


class World:
    """The files of the world, and the folder that it is built in."""

    def __init__(self, folder: Path) -> None:
        self.raw = folder / "raw"
        self.rules = folder / "rules"
        self.workdir = folder / "work"

    def write(
        self,
        leads: tuple[Row, ...],
        events: tuple[tuple[str, str, str], ...],
        rules: tuple[str, ...],
    ) -> None:
        columns = ("lead_id", "created_at", "email", "employees", "opted_out")
        write_rows(self.raw / "leads.csv", columns, leads)
        write_rows(
            self.raw / "events.csv",
            ("lead_id", "event_type", "occurred_at"),
            [
                {"lead_id": lead, "event_type": kind, "occurred_at": day}
                for lead, kind, day in events
            ],
        )
        self.rules.mkdir(exist_ok=True)
        for name, lines in {**RULES, "scoring_rules": (RULE_COLUMNS, *rules)}.items():
            (self.rules / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def build(self, as_of: str, *more: str) -> Published:
        day = date.fromisoformat(as_of)
        return build(self.raw, self.workdir, day, self.rules, more=more)


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Published]:
    """The builds of the world, in order, each with what it published."""
    world = World(tmp_path_factory.mktemp("history"))
    world.write(LEADS, EVENTS, SCORING_RULES)
    done = {"first": world.build("2026-06-01")}
    world.write(LATER_LEADS, LATER_EVENTS, SCORING_RULES)
    done["second"] = world.build("2026-06-02")
    world.write(LATER_LEADS, LATER_EVENTS, LATER_RULES)
    done["third"] = world.build("2026-06-04")
    done["again"] = world.build("2026-06-04")
    done["filled_in"] = world.build("2026-06-04", "--history-from", "2026-05-31")
    return done


def parts(published: Published) -> set[Part]:
    rows = published.rows(
        "select changed_date::text, lead_id, score_id, cause, points::text from fct_score_changes"
    )
    return {(day, lead, score, cause, points) for day, lead, score, cause, points in rows}


def periods(published: Published, lead: str) -> list[tuple[str, str | None, Decimal, str, str]]:
    """First day, day after the last, the sum of both scores, grade and origin."""
    return published.rows(
        "select valid_from::text, valid_to::text, fit_score + engagement_score, grade, origin"
        f" from fct_lead_score_history where lead_id = '{lead}' order by valid_from"
    )


def test_a_first_build_counts_from_zero(builds: dict[str, Published]) -> None:
    assert parts(builds["first"]) == FIRST_DAY
    assert periods(builds["first"], "late") == [("2026-06-01", None, 0, "B2", "published")]


def test_each_cause_of_a_change_is_told_apart(builds: dict[str, Published]) -> None:
    assert parts(builds["second"]) == FIRST_DAY | SECOND_DAY
    assert parts(builds["third"]) == FIRST_DAY | SECOND_DAY | LAST_DAYS


def test_periods_follow_one_another_and_end(builds: dict[str, Published]) -> None:
    assert periods(builds["third"], "visitor") == [
        ("2026-06-01", "2026-06-02", 8, "B2", "published"),
        ("2026-06-02", "2026-06-03", 14, "B2", "published"),
        ("2026-06-03", "2026-06-04", 10, "B2", "back_filled"),
        ("2026-06-04", None, 11, "B2", "published"),
    ]
    assert periods(builds["third"], "steady") == [
        ("2026-06-01", "2026-06-04", 10, "A2", "published"),
        ("2026-06-04", None, 15, "A2", "published"),
    ]
    # An excluded lead has no scores, and no period, from that day on.
    assert periods(builds["third"], "leaver") == [
        ("2026-06-01", "2026-06-02", 10, "A2", "published")
    ]
    # The second record was never a lead of its own.
    assert periods(builds["third"], "twin2") == []


def test_the_same_day_again_gives_the_same_history(builds: dict[str, Published]) -> None:
    for mart in ("fct_lead_score_history", "fct_score_changes"):
        first, second = (
            (builds[name].folder / f"{mart}.parquet").read_bytes() for name in ("third", "again")
        )
        assert first == second, mart


def test_what_was_published_stands(builds: dict[str, Published]) -> None:
    closed = "from fct_lead_score_history where valid_from < '2026-06-02' order by all"
    scores = f"select lead_id, valid_from, fit_score, engagement_score, grade {closed}"
    published = builds["first"].rows(scores)
    assert len(published) == len(LEADS)
    assert builds["third"].rows(scores) == published
    assert periods(builds["filled_in"], "late") == [
        ("2026-05-31", "2026-06-01", 30, "B1", "back_filled"),
        ("2026-06-01", "2026-06-02", 0, "B2", "published"),
        ("2026-06-02", "2026-06-03", 20, "B1", "published"),
        ("2026-06-03", "2026-06-04", 30, "B1", "back_filled"),
        ("2026-06-04", None, 35, "B1", "published"),
    ]


def test_a_day_filled_in_before_is_where_the_first_recorded_one_comes_from(
    builds: dict[str, Published],
) -> None:
    assert parts(builds["filled_in"]) == FILLED_IN | SECOND_DAY | LAST_DAYS
    # Nothing changed for this lead on the first day that was published.
    assert periods(builds["filled_in"], "steady")[0] == (
        *("2026-05-31", "2026-06-04", 10, "A2", "back_filled"),
    )


def test_the_state_knows_which_days_are_closed(
    builds: dict[str, Published],
) -> None:
    state = builds["first"].folder.parents[2] / "warehouse" / "state.duckdb"
    with duckdb.connect(str(state), read_only=True) as connection:
        days = connection.execute(
            "select as_of_date::text, origin, is_closed from published_days order by 1"
        ).fetchall()
        compared = connection.execute(
            "select distinct as_of_date::text from published_points order by 1"
        ).fetchall()
    assert days == [
        ("2026-05-31", "back_filled", True),
        ("2026-06-01", "published", True),
        ("2026-06-02", "published", True),
        ("2026-06-03", "back_filled", True),
        ("2026-06-04", "published", False),
    ]
    assert compared == [("2026-06-03",), ("2026-06-04",)]


def day(number: int) -> date:
    return date(2026, 6, number)


@pytest.mark.parametrize(
    ("recorded", "start", "chosen"),
    [
        # Nothing is recorded: the day alone, unless somebody asks for more.
        ((), None, ()),
        ((), 8, (8, 9)),
        # The day after, some days after, and the same day again.
        ((9,), None, (9,)),
        ((5, 6), None, (6, 7, 8, 9)),
        ((8, 9, 10), None, (9,)),
        ((10,), None, ()),
        # Days before the first recorded one, and a hole.
        ((9, 10), 7, (7, 8, 9)),
        ((5, 6, 10), 4, (4, 5, 6, 7, 8, 9)),
        ((1, 2, 5, 6, 9, 10), 2, (2, 3, 4, 5, 6, 7, 8, 9)),
        ((2, 3, 4, 9, 10), 6, (4, 5, 6, 7, 8, 9)),
        # A start after the last recorded day leaves no hole.
        ((5,), 8, (5, 6, 7, 8, 9)),
        # A replay of a recorded day; days after it play no part.
        ((8, 9, 10, 11), None, ()),
        ((8, 11), None, (8, 9)),
    ],
)
def test_the_days_beside_the_one_that_is_built(
    recorded: tuple[int, ...], start: int | None, chosen: tuple[int, ...]
) -> None:
    days = choose_history_days(
        day(10), [day(number) for number in recorded], day(start) if start else None
    )
    assert days == tuple(day(number) for number in chosen)


def test_a_pass_takes_the_oldest_days_and_what_they_are_compared_with() -> None:
    days = [day(number) for number in (3, 4, 5, 6, 7, 8)]
    recorded = {day(3), day(6)}
    assert cut_off_pass(recorded, days, 2) == tuple(day(number) for number in (3, 4, 5, 6))
    assert cut_off_pass({day(6)}, days[1:], 1) == (day(4),)
    assert cut_off_pass(recorded, days, 4) == ()
    assert cut_off_pass(recorded, days, 0) == ()
