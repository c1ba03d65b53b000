"""Laws of hand-offs: turns, hourly builds, replays, and what one row of the agreement moves.

One world of a year: leads that ask for a demo at drawn minutes, for two teams in which it goes in
turn, and leads whose visits, requests and returns are drawn from several seeds. It is built with
its history, twice within the next day while that one is open, once more as a replay of that day
under an agreement that was changed since, as replays of earlier days with all that is recorded, and
from nothing with one row of the agreement changed.
"""

from __future__ import annotations

import itertools
import random
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from orchestration.lib.builds import build as builds
from orchestration.lib.settings import resolve_settings
from tests.orchestration.building import (
    REPOSITORY,
    Published,
    build,
    keep_parse,
    reuse_parse,
    served,
    write_rows,
)
from tests.orchestration.test_handoffs import (
    LEAD_COLUMNS,
    MEMBERS,
    RULES,
    STAGE,
    Row,
    answer,
    demo,
    lead,
    views,
)
from tests.orchestration.untested_builds import without_tests

pytestmark = pytest.mark.law

# Tuesday, 16 June, is the day that is built hour by hour.
YEAR_FROM, DRAWN_FROM = date(2025, 6, 16), date(2026, 5, 11)
TODAY, TOMORROW, AFTER = date(2026, 6, 15), date(2026, 6, 16), date(2026, 6, 17)
# Days of the past that are looked at again when the state knows all that came later.
PAST_DAYS = (date(2026, 6, 5), TODAY)
FIVE_PAST_TEN = "2026-06-16T01:05:00Z"
SEEDS, LEADS_OF_A_SEED = (11, 23, 47), 70
# Weights of the two teams whose turns are counted; places of the second one are easily uneven.
TURN_TEAMS = {
    "is_enterprise": {"m01": 1, "m21": 1, "m22": 2},
    "is_west": {"m04": 1, "m41": 1, "m42": 1, "m43": 1, "m44": 3},
}
TURN_LEADS = {"is_enterprise": 230, "is_west": 330}
COOL_DOWN_DAYS, STAY_GRADES = 10, {"A1", "A2", "C1", "C2"}


def policy_lines(enter_grades: str, changed_from: date | None = None) -> tuple[str, ...]:
    """The agreement; from a day on the score lets other grades in."""
    header, *others, hot = RULES["handoff_policies"]
    columns = f"{header},valid_from,valid_to"
    lines = [f"{line},," for line in others]
    stay = "|".join(sorted(STAY_GRADES))
    score = hot.replace(",A1,,A1|A2,", f",{{}},,{stay},")
    if changed_from is None:
        lines.append(f"{score.format(enter_grades)},,")
    else:
        lines.append(f"{score.format('A1|C1')},,{changed_from}")
        lines.append(f"{score.format(enter_grades)},{changed_from},")
    return (columns, *lines)


def write_rules(folder: Path, policies: tuple[str, ...]) -> Path:
    header, *members = MEMBERS
    others = [line for line in members if line.split(",")[2] not in TURN_TEAMS]
    turns = [
        f"{member},owner_{member},{team},{weight},40"
        for team, weights in TURN_TEAMS.items()
        for member, weight in weights.items()
    ]
    routes, conditions = RULES["routing_rules"], RULES["routing_conditions"]
    of_teams = [f"{team},1{n},{STAGE},team_turn,{team}" for n, team in enumerate(TURN_TEAMS)]
    rules = RULES | {
        "handoff_policies": policies,
        "sales_members": (header, *others, *turns),
        "routing_rules": (*routes[:-1], *of_teams, routes[-1].replace(",3,", ",20,")),
        "routing_conditions": (
            *conditions,
            *(f"{team},1,inquiry_type,equals,{team}" for team in TURN_TEAMS),
        ),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in rules.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@dataclass
class World:
    """Rows of the files."""

    leads: list[Row]
    events: list[Row]
    answers: list[Row]

    def add(self, leads: Iterable[Row], events: Iterable[Row], answers: Iterable[Row]) -> None:
        self.leads.extend(leads)
        self.events.extend(events)
        self.answers.extend(answers)

    def known_at(self, moment: str) -> World:
        """What had happened by then."""
        return World(
            self.leads,
            [row for row in self.events if row["occurred_at"] <= moment],
            [row for row in self.answers if row["at"] <= moment],
        )

    def write(self, folder: Path) -> Path:
        write_rows(folder / "leads.csv", LEAD_COLUMNS, self.leads)
        event_columns = ("lead_id", "event_type", "occurred_at")
        write_rows(folder / "events.csv", event_columns, self.events)
        answer_columns = ("lead_id", "at", "disposition", "reason", "recontact_date")
        write_rows(folder / "feedback.csv", answer_columns, self.answers)
        return folder


def who_ask(seed: int) -> tuple[list[Row], list[Row]]:
    """Leads that ask once, at drawn minutes of the working days of a year."""
    dice = random.Random(seed)
    days = [YEAR_FROM + timedelta(days=number) for number in range((TODAY - YEAR_FROM).days)]
    working_days = [day for day in days if day.weekday() < 5]
    leads, events = [], []
    for team, count in TURN_LEADS.items():
        for number in range(count):
            name = f"{team} {number:03}"
            leads.append(lead(name, inquiry_type=team) | {"created_at": "2025-06-01"})
            hour, minute = dice.randrange(9), dice.randrange(60)
            moment = f"{dice.choice(working_days)}T{hour:02}:{minute:02}:00Z"
            events.append(demo(name, moment))
    return leads, events


def drawn(seed: int) -> tuple[list[Row], list[Row], list[Row]]:
    """Leads with drawn visits, requests and returns, some of them stopped, some with colleagues."""
    dice = random.Random(seed)
    last = (TOMORROW - DRAWN_FROM).days
    leads: list[Row] = []
    events: list[Row] = []
    answers: list[Row] = []

    def moment() -> str:
        day = DRAWN_FROM + timedelta(days=dice.randrange(last))
        return f"{day}T{dice.randrange(1, 9):02}:{dice.randrange(60):02}:30Z"

    for number in range(LEADS_OF_A_SEED):
        name = f"drawn {seed} {number:02}"
        row = lead(name, size=dice.choice(("10", "500")), phone="" if number % 10 == 0 else "03")
        row |= {"inquiry_type": "pitch"} if number % 11 == 0 else {}
        row |= {"opted_out": "true"} if number % 13 == 0 else {}
        row |= {"company_id": f"company {seed} {number % 6}"} if number % 4 == 1 else {}
        leads.append(row)
        for _ in range(dice.randrange(9)):
            events.extend(views(name, moment()[:10], dice.randrange(1, 6)))
        events.extend(demo(name, moment()) for _ in range(dice.choice((0, 0, 0, 1, 2))))
        answers.extend(
            answer(name, moment().replace("30Z", "00Z"), "returned", "duplicate")
            for _ in range(dice.choice((0, 0, 1, 1, 2, 4)))
        )
    return leads, events, answers


def of_tomorrow(seed: int) -> tuple[list[Row], list[Row], list[Row]]:
    """The day of hourly builds: promised calls, visits until ten past ten, a request at 10:05."""
    dice = random.Random(seed)
    leads, events = [lead("asks at 10:05")], [demo("asks at 10:05", FIVE_PAST_TEN)]
    promises = []
    for number in range(5):
        name = f"promised {number}"
        leads.append(lead(name))
        back = f"2026-05-2{number}T01:00:00Z"
        promises.append(answer(name, back, "returned", "too_early", TOMORROW.isoformat()))
    for number in range(24):
        name = f"new {number:02}"
        leads.append(lead(name, size=dice.choice(("10", "500"))))
        for _ in range(dice.randrange(2, 6)):
            moment = f"{TOMORROW}T0{dice.randrange(2)}:0{dice.randrange(10)}:00Z"
            events.append({"lead_id": name, "event_type": "page_viewed", "occurred_at": moment})
        if dice.random() < 0.3:
            events.append(demo(name, f"{TOMORROW}T00:3{dice.randrange(10)}:00Z"))
    return leads, events, promises


def whole_world() -> World:
    world = World([], [], [])
    world.add(*who_ask(5), [])
    for seed in SEEDS:
        world.add(*drawn(seed))
    world.add(*of_tomorrow(3))
    # What comes on the day after belongs to no earlier day.
    names = [row["lead_id"] for row in world.leads if row["lead_id"].startswith(("drawn", "new"))]
    for number, name in enumerate(names[::3]):
        world.events.append(demo(name, f"{AFTER}T03:{number % 60:02}:00Z"))
        world.answers.append(answer(name, f"{AFTER}T04:00:00Z", "returned", "duplicate"))
    return world


def build_while_open(raw: Path, workdir: Path, rules: Path, now: datetime) -> Published:
    """`leads build` of the day that it is in Tokyo at a moment."""
    flags = {"source": "file", "raw_dir": raw, "workdir": workdir, "rules": rules}
    reuse_parse(workdir, "file")
    settings = resolve_settings(flags, environment={}, folder=workdir, now=now)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builds, "dbt_arguments", without_tests)
        patch.setenv("PYTHONPATH", str(REPOSITORY))
        builds.build(settings)
    keep_parse(workdir, "file")
    return served(workdir)


@dataclass(frozen=True)
class Built:
    """The builds of the module."""

    today: Published
    at_nine: Published
    at_eleven: Published
    replayed: Published
    past: dict[date, Published]
    changed: Published


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("handoff_laws")
    raw, workdir = folder / "raw", folder / "work"
    world = whole_world()
    rules = write_rules(folder / "rules", policy_lines("A1|C1"))
    year = ("--history-from", YEAR_FROM.isoformat())

    world.known_at(f"{TODAY}T15:00:00Z").write(raw)
    today = build(raw, workdir, TODAY, rules, more=year)
    before = shutil.copyfile(workdir / "warehouse" / "state.duckdb", folder / "before.duckdb")
    other_rules = write_rules(folder / "other_rules", policy_lines("A1"))
    changed = build(raw, folder / "changed", TODAY, other_rules, more=year)

    world.known_at(f"{TODAY}T23:50:00Z").write(raw)
    at_nine = build_while_open(raw, workdir, rules, datetime(2026, 6, 16, 0, 0, tzinfo=UTC))
    world.known_at(f"{TOMORROW}T01:50:00Z").write(raw)
    at_eleven = build_while_open(raw, workdir, rules, datetime(2026, 6, 16, 2, 0, tzinfo=UTC))

    world.write(raw)
    later_rules = write_rules(folder / "later_rules", policy_lines("A2", AFTER))
    known = ("--state", before)
    replayed = build(raw, folder / "replay", TOMORROW, later_rules, more=known)
    known_since = ("--state", workdir / "warehouse" / "state.duckdb")
    past = {
        day: build(raw, folder / f"past {day}", day, later_rules, more=known_since)
        for day in PAST_DAYS
    }
    return Built(today, at_nine, at_eleven, replayed, past, changed)


COLUMNS = (
    "handoff_id, lead_id, handoff_stage, policy_id, handoff_kind, cause_type, status, team_id,"
    " route_id, first_owner_id, company_id, joined_handoff_id, is_open, grade, fit_score,"
    " engagement_score, priority, crossed_date, issued_date, ended_date, crossed_at, ended_at,"
    " first_attempt_due_at, remind_at, escalate_at, reassign_at"
)
Handoff = dict[str, Any]


def handoffs(published: Published, condition: str = "true") -> list[Handoff]:
    names = [name.strip() for name in COLUMNS.split(",")]
    query = f"select {COLUMNS} from fct_handoffs where {condition} order by crossed_at, handoff_id"
    return [dict(zip(names, row, strict=True)) for row in published.rows(query)]


def by_lead(rows: list[Handoff]) -> dict[str, list[Handoff]]:
    found = defaultdict(list)
    for row in rows:
        found[row["lead_id"]].append(row)
    return found


@pytest.mark.parametrize("team", list(TURN_TEAMS))
def test_turns_of_each_week_of_a_year_are_even_by_weight(built: Built, team: str) -> None:
    weights = TURN_TEAMS[team]
    weeks: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    for row in handoffs(built.today, f"route_id = '{team}'"):
        weeks[row["issued_date"].isocalendar()[:2]][row["first_owner_id"]] += 1
    total: Counter[str] = Counter()
    for week, counts in weeks.items():
        total += counts
        for member, weight in weights.items():
            share = counts.total() * weight / sum(weights.values())
            assert abs(counts[f"owner_{member}"] - share) <= 1, (week, counts)
    assert total.total() == TURN_LEADS[team]
    assert len(weeks) > 45
    for member, weight in weights.items():
        share = total.total() * weight / sum(weights.values())
        assert abs(total[f"owner_{member}"] - share) <= 1, total


def test_a_request_of_five_past_ten_is_in_the_queue_after_the_next_hourly_build(
    built: Built,
) -> None:
    query = (
        "select policy_id, crossed_at, due_at, first_attempt_due_at, is_provisional, as_of_date,"
        " is_overdue, first_attempt_at from rpt_sales_queue where lead_id = 'asks at 10:05'"
    )
    assert built.at_nine.rows(query) == []
    due = datetime(2026, 6, 16, 2, 5)
    assert built.at_eleven.rows(query) == [
        ("hand_raise", datetime(2026, 6, 16, 1, 5), due, due, True, TOMORROW, False, None)
    ]
    at_nine = {row["handoff_id"]: row for row in handoffs(built.at_nine)}
    at_eleven = {row["handoff_id"]: row for row in handoffs(built.at_eleven)}
    fixed = ("policy_id", "crossed_at", "first_owner_id", "first_attempt_due_at", "grade")
    assert sum(row["issued_date"] == TOMORROW for row in at_nine.values()) >= 5
    for handoff_id, row in at_nine.items():
        assert [row[name] for name in fixed] == [at_eleven[handoff_id][name] for name in fixed]


def test_a_replay_gives_the_hand_offs_of_its_day_under_the_agreement_of_its_day(
    built: Built,
) -> None:
    """The row of the policy was closed since, and answers and requests came on later days."""
    names = (
        "lead_id", "handoff_stage", "policy_id", "crossed_at", "handoff_kind", "cause_type",
        "first_owner_id", "first_attempt_due_at", "grade", "engagement_score",
    )  # fmt: skip
    on_the_day = f"issued_date = date '{TOMORROW}'"
    chain, replayed = (
        [[row[name] for name in names] for row in handoffs(published, on_the_day)]
        for published in (built.at_eleven, built.replayed)
    )
    assert replayed == chain
    assert {row[2] for row in chain} == {"hand_raise", "hot_grade", "recontact_due"}
    assert len(chain) > 10
    # What was handed over before is there as well, as it was.
    earlier = f"issued_date < date '{TOMORROW}'"
    assert [row["handoff_id"] for row in handoffs(built.replayed, earlier)] == [
        row["handoff_id"] for row in handoffs(built.at_eleven, earlier)
    ]


@pytest.mark.parametrize("day", PAST_DAYS)
def test_a_past_day_that_is_replayed_later_has_the_hand_offs_it_had(
    built: Built, day: date
) -> None:
    """Rows of later days have landed, the agreement was changed, and the state knows it all."""
    names = ("handoff_id", "policy_id", "crossed_at", "handoff_kind", "cause_type",
             "first_owner_id", "first_attempt_due_at", "grade", "issued_date")  # fmt: skip
    until = f"issued_date <= date '{day}'"
    chain, replayed = (
        [[row[name] for name in names] for row in handoffs(published, until)]
        for published in (built.at_eleven, built.past[day])
    )
    assert replayed == chain
    assert sum(row[-1] == day for row in chain) > 0
    later = f"issued_date > date '{day}' or ended_date > date '{day}'"
    assert handoffs(built.past[day], later) == []


def test_one_hand_off_of_a_lead_and_stage_is_open(built: Built) -> None:
    for published in (built.today, built.at_eleven, built.replayed, built.changed):
        for rows in by_lead(handoffs(published)).values():
            worked = [row for row in rows if row["handoff_kind"] != "information"]
            own = [row for row in worked if row["handoff_kind"] == "handoff"]
            assert sum(row["is_open"] for row in own) <= 1
            for before, after in itertools.pairwise(own):
                assert before["ended_at"] is not None
                assert before["ended_at"] <= after["crossed_at"]


def test_a_score_that_swings_hands_nobody_over_twice(built: Built) -> None:
    """Between two hand-offs by score sales gave the lead back, or it fell below the line."""
    fallen = defaultdict(list)
    grades = defaultdict(list)
    for lead_id, day, grade in built.today.rows(
        "select lead_id, valid_from, grade from fct_lead_score_history order by all"
    ):
        grades[lead_id].append(grade[1])
        if grade not in STAY_GRADES:
            fallen[lead_id].append(day)
    swings = pairs = 0
    for lead_id, rows in by_lead(handoffs(built.today, "lead_id like 'drawn %'")).items():
        scored = [row for row in rows if row["cause_type"] == "grade"]
        path = "".join(band for band, _ in itertools.groupby(grades[lead_id]))
        swings += bool(scored) and "121" in path
        for before, after in itertools.pairwise(scored):
            pairs += 1
            assert before["ended_at"] is not None, lead_id
            came_back = before["status"] == "returned" or any(
                before["crossed_at"] < row["ended_at"] <= after["crossed_at"]
                and row["status"] == "returned"
                for row in rows
                if row["ended_at"] is not None
            )
            fell = any(before["crossed_date"] < day <= after["crossed_date"]
                       for day in fallen[lead_id])  # fmt: skip
            assert came_back or fell, lead_id
    assert swings > 5
    assert pairs > 0


def test_histories_of_several_seeds_keep_what_was_agreed(built: Built) -> None:
    """Exclusions, required fields, blocks, cool-down, new points and the third return."""
    found = by_lead(handoffs(built.today, "lead_id like 'drawn %'"))
    end = f"{TODAY}T15:00:00Z"
    leads: list[Row] = []
    returned: dict[str, list[str]] = defaultdict(list)
    asked: dict[str, list[str]] = defaultdict(list)
    viewed: dict[str, list[str]] = defaultdict(list)
    for seed in SEEDS:
        of_seed, events, answers = drawn(seed)
        leads += of_seed
        for row in events:
            (asked if row["event_type"] == "demo_requested" else viewed)[row["lead_id"]].append(
                row["occurred_at"]
            )
        for row in answers:
            returned[row["lead_id"]].append(row["at"])
    by_score, back, requests = 0, 0, 0
    for row in leads:
        name = row["lead_id"]
        is_stopped = (
            not row["phone"] or row.get("inquiry_type") == "pitch" or row.get("opted_out") == "true"
        )
        if is_stopped:
            assert found[name] == []
            continue
        # Who asks is worked: by the hand-off of the request, or by one that was open.
        for moment in asked[name]:
            at = datetime.fromisoformat(moment.removesuffix("Z"))
            requests += 1
            assert any(
                entry["crossed_at"] <= at and (entry["ended_at"] is None or at <= entry["ended_at"])
                for entry in found[name]
                if entry["cause_type"] == "event"
            ), (name, moment)
        for entry in found[name]:
            if entry["cause_type"] == "event":
                assert f"{entry['crossed_at'].isoformat()}Z" in asked[name]
                continue
            by_score += 1
            # Scores are those of the end of a day, in Tokyo.
            judged = min(end, f"{entry['crossed_date']}T15:00:00Z")
            before = sorted(at for at in returned[name] if at < judged)
            if not before:
                continue
            assert len(before) < 3, name
            if any(before[-1] < at < judged for at in asked[name]):
                continue
            back += 1
            quiet = entry["crossed_date"] - date.fromisoformat(before[-1][:10])
            assert quiet.days >= COOL_DOWN_DAYS, name
            assert len([at for at in viewed[name] if before[-1] < at < judged]) >= 2, name
    assert by_score > 40
    assert requests > 60
    assert back > 3


def test_one_row_of_the_policies_moves_its_own_leads_and_nothing_else(built: Built) -> None:
    """Without grade C1 the score hands over those alone that came in with A1."""
    base, changed = handoffs(built.today), handoffs(built.changed)
    key = ("lead_id", "handoff_stage", "policy_id", "cause_type", "crossed_at")
    then, now = (
        {tuple(row[name] for name in key): row for row in rows} for rows in (base, changed)
    )
    concerned = {
        name
        for name, row in then.items()
        if row["policy_id"] == "hot_grade" and row["grade"] in {"C1", "C2"}
    }
    assert len(concerned) > 10
    assert then.keys() - now.keys() == concerned
    assert now.keys() <= then.keys()
    leads = {name[0] for name in concerned}
    companies = {then[name]["company_id"] for name in concerned} - {None}
    # Whose turn it is follows from the turns before, in the team that lost some; a colleague of
    # somebody who is not handed over any more joins nothing.
    for name in now:
        before, after = dict(then[name]), dict(now[name])
        if before["team_id"] == "is_east" or before["company_id"] in companies:
            before["first_owner_id"] = after["first_owner_id"] = None
        if name[0] in leads or before["company_id"] in companies:
            for column in ("handoff_id", "joined_handoff_id", "handoff_kind", "status",
                           "is_open", "ended_date", "ended_at", "first_attempt_due_at",
                           "remind_at", "escalate_at", "reassign_at"):  # fmt: skip
                before[column] = after[column] = None
        assert after == before, name
    untouched = [name for name in now if name[0] not in leads]
    assert len(untouched) > 500
