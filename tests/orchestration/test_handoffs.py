"""Hand-offs of a small company: who crosses the line, to whom, and what stays when builds go on.

One world of hand-written leads, each standing for one sentence of the agreement, and of leads whose
history is drawn. It is built with its history, on the next day, and once more from nothing.
"""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.orchestration.building import Published, build, write_rows

Row = dict[str, str]

FIRST, TODAY, TOMORROW = date(2026, 5, 18), date(2026, 6, 15), date(2026, 6, 16)
STAGE = "marketing_to_inside_sales"

RULES: dict[str, tuple[str, ...]] = {
    "score_definitions": ("score_id,min_points,max_points", "fit,0,100", "engagement,0,100"),
    "score_groups": ("score_id,group_id", "fit,company", "engagement,web", "engagement,asked"),
    "scoring_rules": (
        "rule_id,score_id,group_id,applies_to,event_type,points,repeat,max_count,window_days,"
        "decay,decay_days,decay_percent",
        "fit_size,fit,company,lead,,40,,,,,,",
        "fit_vendor_pitch,fit,company,lead,,-5,,,,,,",
        "eng_demo_request,engagement,asked,event,demo_requested,30,once,,60,,,",
        "eng_viewed,engagement,web,event,page_viewed,10,each,5,30,linear,1,20",
    ),
    "rule_conditions": (
        "rule_id,alternative,field,operator,value",
        "fit_size,1,employee_count,gte,300",
        "fit_vendor_pitch,1,inquiry_type,equals,pitch",
    ),
    "score_bands": (
        "score_id,band,min_points",
        "fit,C,",
        "fit,A,40",
        "engagement,3,",
        "engagement,2,15",
        "engagement,1,30",
    ),
    "grades": (
        "fit_band,engagement_band,grade,temperature,route,priority",
        "A,1,A1,hot,sales,1",
        "A,2,A2,warm,sales,2",
        "A,3,A3,cold,nurture,3",
        "C,1,C1,hot,nurture,4",
        "C,2,C2,warm,nurture,5",
        "C,3,C3,cold,none,6",
    ),
    "event_types": ("event_type,is_activity", "demo_requested,true", "page_viewed,true"),
    "handoff_policies": (
        "policy_id,sort_order,handoff_stage,motion,enter_rules,enter_grades,"
        "enter_on_recontact_date,stay_grades,cool_down_days,min_new_points,bypass_rules,"
        "blocked_by_rules,required_fields,service_level_id",
        f"hand_raise,1,{STAGE},new_business,eng_demo_request,,,,,,,fit_vendor_pitch,"
        "email|phone,respond_1h",
        f"customer_request,2,{STAGE},expansion,eng_demo_request,,,,,,,,email|phone,respond_4h",
        f"recontact_due,3,{STAGE},new_business,,,true,,,,,,phone|email,respond_1d",
        f"hot_grade,4,{STAGE},new_business,,A1,,A1|A2,10,20,eng_demo_request,fit_vendor_pitch,"
        "email|phone,respond_4h",
    ),
    "policy_conditions": ("policy_id,alternative,field,operator,value",),
    "routing_rules": (
        "route_id,sort_order,handoff_stage,method,target",
        f"deal,1,{STAGE},open_deal_owner,",
        f"customer,2,{STAGE},company_owner,account_manager",
        f"rest,3,{STAGE},team_turn,is_east",
    ),
    "routing_conditions": (
        "route_id,alternative,field,operator,value",
        "deal,1,company_open_deals,gte,1",
        "customer,1,motion,equals,expansion",
    ),
    "sales_absences": ("member_id,absent_from,absent_to", "m02,2026-06-15,2026-06-16"),
}
MEMBERS = (
    "member_id,crm_owner_id,team_id,turn_weight,weekly_capacity",
    "m02,owner_m02,is_east,2,40",
    "m03,owner_m03,is_east,1,20",
    "m05,owner_m05,fs_east,1,20",
    "m11,owner_m11,account_manager,1,10",
    # Nobody is without a team that the shipped seeds name.
    "m01,owner_m01,is_enterprise,1,20",
    "m04,owner_m04,is_west,1,20",
    "m09,owner_m09,fs_west,1,20",
    "m12,owner_m12,partner_desk,1,20",
)
LEAD_COLUMNS = (
    "lead_id",
    "created_at",
    "employee_count",
    "phone",
    "email",
    "company_id",
    "company_relation",
    "owner_id",
    "inquiry_type",
    "email_opt_out",
    "opted_out",
)
CREATED = "2026-05-01"


def lead(lead_id: str, *, size: str = "10", phone: str = "03-0000-0000", **more: str) -> Row:
    row = {"lead_id": lead_id, "created_at": CREATED, "employee_count": size, "phone": phone}
    return row | more


LEADS: tuple[Row, ...] = (
    lead("asker"),
    lead("unsubscribed", email_opt_out="true"),
    lead("not to be contacted", opted_out="true"),
    lead("customer", company_relation="customer", owner_id="owner_m11"),
    lead("nobody can reach", phone=""),
    lead("pitch", inquiry_type="pitch"),
    lead("swinger", size="500"),
    lead("colleague 1", size="500", company_id="K1"),
    lead("colleague 2", size="500", company_id="K1"),
    lead("in talks", size="500", company_id="K2"),
    lead("in talks, asks", company_id="K2"),
    lead("cooling", size="500"),
    lead("stale", size="500"),
    lead("earned", size="500"),
    lead("promised"),
    lead("thrice", size="500"),
    lead("thrice, asks", size="500"),
    lead("grade, then asks", size="500"),
    lead("late"),
)


def views(lead_id: str, day: str, count: int = 5) -> list[Row]:
    return [
        {
            "lead_id": lead_id,
            "event_type": "page_viewed",
            "occurred_at": f"{day}T02:{minute:02}:00Z",
        }
        for minute in range(count)
    ]


def demo(lead_id: str, moment: str) -> Row:
    return {"lead_id": lead_id, "event_type": "demo_requested", "occurred_at": moment}


def answer(lead_id: str, moment: str, word: str, reason: str = "", again: str = "") -> Row:
    return {
        "lead_id": lead_id,
        "at": moment,
        "disposition": word,
        "reason": reason,
        "recontact_date": again,
    }


# Monday, 15 June, five past ten in Tokyo.
ASKED_AT = "2026-06-15T01:05:00Z"
EVENTS: tuple[Row, ...] = (
    *(
        demo(name, ASKED_AT)
        for name in (
            "asker",
            "unsubscribed",
            "not to be contacted",
            "customer",
            "nobody can reach",
            "pitch",
            "in talks, asks",
            "thrice, asks",
        )
    ),
    # A1 on 20 May, A2 from the 23rd on, A1 again on the 24th and 25th, and never below.
    *views("swinger", "2026-05-20"),
    *views("swinger", "2026-05-24", 2),
    *views("swinger", "2026-05-25", 2),
    *views("colleague 1", "2026-06-08"),
    *views("colleague 2", "2026-06-11"),
    *views("in talks", "2026-06-10"),
    *views("cooling", "2026-06-08"),
    *views("cooling", "2026-06-13"),
    *views("stale", "2026-05-22"),
    demo("stale", "2026-05-22T02:30:00Z"),
    *views("earned", "2026-05-25"),
    *views("earned", "2026-06-12"),
    *views("thrice", "2026-06-12"),
    *views("grade, then asks", "2026-06-11"),
    demo("grade, then asks", ASKED_AT),
)
LATER_EVENTS: tuple[Row, ...] = (
    # Landed a week late, and one that would have changed what was handed over.
    demo("late", "2026-06-10T01:05:00Z"),
    *views("colleague 2", "2026-06-02"),
    demo("swinger", "2026-05-19T01:00:00Z"),
)
FEEDBACK: tuple[Row, ...] = (
    answer("cooling", "2026-06-09T01:00:00Z", "returned", "not_reached"),
    answer("stale", "2026-05-25T01:00:00Z", "returned", "wrong_person"),
    answer("earned", "2026-05-26T01:00:00Z", "returned", "duplicate"),
    answer("promised", "2026-05-20T01:00:00Z", "returned", "too_early", "2026-06-15"),
    *(
        answer(name, f"2026-05-0{day}T01:00:00Z", "returned", "duplicate")
        for name in ("thrice", "thrice, asks")
        for day in (4, 5, 6)
    ),
)
TOUCHES: tuple[Row, ...] = (
    {
        "lead_id": "asker",
        "occurred_at": "2026-06-15T01:40:00Z",
        "kind": "call_attempted",
        "owner": "owner_m03",
    },
    # A task is no attempt.
    {
        "lead_id": "unsubscribed",
        "occurred_at": "2026-06-15T01:10:00Z",
        "kind": "task_done",
        "owner": "owner_m03",
    },
    {
        "lead_id": "unsubscribed",
        "occurred_at": "2026-06-15T04:30:00Z",
        "kind": "call_connected",
        "owner": "owner_m03",
    },
)
DEALS: tuple[Row, ...] = (
    {
        "deal_id": "D1",
        "company_id": "K2",
        "owner": "owner_m05",
        "created_at": "2026-06-01T00:00:00Z",
    },
)


def drawn(seed: int) -> tuple[list[Row], list[Row], list[Row]]:
    """Leads with random visits, requests and returns."""
    dice = random.Random(seed)
    leads, events, answers = [], [], []
    for number in range(60):
        name = f"drawn {number:02}"
        phone = "" if number % 10 == 0 else "03"
        pitch = "pitch" if number % 11 == 0 else ""
        leads.append(lead(name, size=dice.choice(("10", "500")), phone=phone, inquiry_type=pitch))
        for _ in range(dice.randrange(4)):
            day = FIRST + timedelta(days=dice.randrange(29))
            events.extend(views(name, day.isoformat(), dice.randrange(1, 6)))
        for _ in range(dice.choice((0, 0, 1, 2))):
            day = FIRST + timedelta(days=dice.randrange(29))
            moment = f"{day}T0{dice.randrange(1, 9)}:{dice.randrange(60):02}:30Z"
            events.append(demo(name, moment))
        for _ in range(dice.randrange(4)):
            day = FIRST + timedelta(days=dice.randrange(29))
            moment = f"{day}T0{dice.randrange(1, 9)}:{dice.randrange(60):02}:00Z"
            answers.append(answer(name, moment, "returned", "duplicate"))
    return leads, events, answers


DRAWN_LEADS, DRAWN_EVENTS, DRAWN_ANSWERS = drawn(7)


def write_world(folder: Path, events: tuple[Row, ...]) -> Path:
    tables: dict[str, tuple[tuple[str, ...], tuple[Row, ...]]] = {
        "leads": (LEAD_COLUMNS, (*LEADS, *DRAWN_LEADS)),
        "events": (("lead_id", "event_type", "occurred_at"), (*events, *DRAWN_EVENTS)),
        "feedback": (
            ("lead_id", "at", "disposition", "reason", "recontact_date"),
            (*FEEDBACK, *DRAWN_ANSWERS),
        ),
        "touches": (("lead_id", "occurred_at", "kind", "owner"), TOUCHES),
        "deals": (("deal_id", "company_id", "owner", "created_at"), DEALS),
    }
    for name, (columns, rows) in tables.items():
        write_rows(folder / f"{name}.csv", columns, rows)
    return folder


def write_rules(folder: Path, members: tuple[str, ...]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in {**RULES, "sales_members": members}.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Published]]:
    """The world today with its history, tomorrow with late data and one more member, and anew."""
    folder = tmp_path_factory.mktemp("handoffs")
    raw = write_world(folder / "raw", EVENTS)
    rules = write_rules(folder / "rules", MEMBERS)
    workdir = folder / "work"
    more = ("--history-from", FIRST.isoformat())
    found = {"today": build(raw, workdir, TODAY, rules, more=more, is_tested=True)}
    write_world(raw, (*EVENTS, *LATER_EVENTS))
    write_rules(rules, (*MEMBERS, "m99,owner_m99,is_east,3,20"))
    found["tomorrow"] = build(raw, workdir, TOMORROW, rules)
    found["anew"] = build(raw, workdir, TOMORROW, rules, more=("--full-refresh",))
    return found


Handoffs = dict[str, list[dict[str, Any]]]
COLUMNS = (
    "handoff_id, lead_id, policy_id, handoff_kind, status, cause_type, route_id, owner_id,"
    " first_owner_id, joined_handoff_id, is_open, crossed_date, issued_date, ended_date,"
    " crossed_at, ended_at, first_attempt_due_at, first_attempt_at, first_conversation_at,"
    " is_attempt_late, grade, engagement_score, handoff_stage"
)


def handoffs(published: Published) -> Handoffs:
    """Hand-offs by lead, in the order of crossing."""
    found: Handoffs = defaultdict(list)
    names = [name.strip() for name in COLUMNS.split(",")]
    query = f"select {COLUMNS} from fct_handoffs order by crossed_at, handoff_id"
    for row in published.rows(query):
        entry = dict(zip(names, row, strict=True))
        found[entry["lead_id"]].append(entry)
    return found


@pytest.fixture(scope="module")
def today(builds: dict[str, Published]) -> Handoffs:
    return handoffs(builds["today"])


def only(found: Handoffs, lead_id: str) -> dict[str, Any]:
    assert [entry["policy_id"] for entry in found[lead_id]][1:] == []
    return found[lead_id][0]


@pytest.mark.parametrize("lead_id", ["asker", "unsubscribed"])
def test_who_asks_is_handed_over_within_the_hour(today: Handoffs, lead_id: str) -> None:
    entry = only(today, lead_id)
    assert (entry["policy_id"], entry["grade"]) == ("hand_raise", "C1")
    assert entry["crossed_at"] == datetime(2026, 6, 15, 1, 5)
    assert entry["first_attempt_due_at"] == datetime(2026, 6, 15, 2, 5)


def test_a_customer_goes_to_the_account_manager(today: Handoffs) -> None:
    entry = only(today, "customer")
    assert (entry["policy_id"], entry["owner_id"]) == ("customer_request", "owner_m11")
    # Four business hours from 10:05, lunch left out.
    assert entry["first_attempt_due_at"] == datetime(2026, 6, 15, 6, 5)


@pytest.mark.parametrize("lead_id", ["not to be contacted", "nobody can reach", "pitch", "thrice"])
def test_who_is_stopped_is_not_handed_over(today: Handoffs, lead_id: str) -> None:
    assert today[lead_id] == []


def test_an_attempt_is_a_call_and_no_task(today: Handoffs) -> None:
    asker, unsubscribed = only(today, "asker"), only(today, "unsubscribed")
    assert asker["first_attempt_at"] == datetime(2026, 6, 15, 1, 40)
    assert (asker["first_conversation_at"], asker["is_attempt_late"]) == (None, False)
    assert unsubscribed["first_attempt_at"] == datetime(2026, 6, 15, 4, 30)
    assert unsubscribed["first_conversation_at"] == datetime(2026, 6, 15, 4, 30)
    assert unsubscribed["is_attempt_late"]


def test_a_score_that_swings_makes_one_hand_off(today: Handoffs) -> None:
    entry = only(today, "swinger")
    assert (entry["policy_id"], entry["crossed_date"]) == ("hot_grade", date(2026, 5, 20))
    assert entry["crossed_at"] == datetime(2026, 5, 20, 2, 4)


def test_colleagues_join_one_hand_off(today: Handoffs) -> None:
    first, second = only(today, "colleague 1"), only(today, "colleague 2")
    assert (first["handoff_kind"], second["handoff_kind"]) == ("handoff", "joined")
    assert second["joined_handoff_id"] == first["handoff_id"]
    assert second["first_owner_id"] == first["first_owner_id"]


def test_a_company_in_talks_belongs_to_the_owner_of_the_deal(today: Handoffs) -> None:
    told, asked = only(today, "in talks"), only(today, "in talks, asks")
    assert (told["handoff_kind"], told["first_attempt_due_at"]) == ("information", None)
    assert (asked["handoff_kind"], asked["policy_id"]) == ("handoff", "hand_raise")
    assert {told["owner_id"], asked["owner_id"]} == {"owner_m05"}


def test_nobody_gets_a_lead_on_a_day_off(today: Handoffs) -> None:
    given = [
        entry["first_owner_id"]
        for entries in today.values()
        for entry in entries
        if entry["issued_date"] == TODAY and entry["route_id"] == "rest"
    ]
    assert given
    assert "owner_m02" not in given


def test_a_returned_lead_comes_back_with_new_points_after_the_cool_down(today: Handoffs) -> None:
    assert [entry["status"] for entry in today["cooling"]] == ["returned"]
    assert [entry["status"] for entry in today["stale"]][-1] == "returned"
    dates = [entry["crossed_date"] for entry in today["earned"]]
    assert dates == [date(2026, 5, 25), date(2026, 6, 12)]


def test_the_promised_day_and_a_request_bring_a_lead_back(today: Handoffs) -> None:
    promised = only(today, "promised")
    assert (promised["policy_id"], promised["crossed_date"]) == ("recontact_due", TODAY)
    assert only(today, "thrice, asks")["policy_id"] == "hand_raise"


def test_a_request_outranks_what_the_score_began(today: Handoffs) -> None:
    scored, asked = today["grade, then asks"]
    assert (scored["policy_id"], scored["status"]) == ("hot_grade", "superseded")
    assert (asked["policy_id"], asked["is_open"]) == ("hand_raise", True)


def test_turns_are_even_by_weight(today: Handoffs) -> None:
    counts: dict[str, int] = defaultdict(int)
    for entries in today.values():
        for entry in entries:
            is_linked = entry["handoff_kind"] == "joined" or len(entries) > 1
            if entry["route_id"] == "rest" and entry["issued_date"] < TODAY and not is_linked:
                counts[entry["first_owner_id"]] += 1
    assert sum(counts.values()) > 10
    assert abs(counts["owner_m02"] - 2 * counts["owner_m03"]) <= 4, counts


@pytest.mark.parametrize("name", ["today", "tomorrow"])
def test_one_hand_off_of_a_lead_and_stage_is_open(builds: dict[str, Published], name: str) -> None:
    for entries in handoffs(builds[name]).values():
        worked = [entry for entry in entries if entry["handoff_kind"] == "handoff"]
        assert sum(entry["is_open"] for entry in worked) <= 1
        for before, after in itertools.pairwise(worked):
            assert before["ended_at"] is not None
            assert before["ended_at"] <= after["crossed_at"]


def test_drawn_histories_keep_what_was_agreed(today: Handoffs) -> None:
    """Required fields, blocks, cool-down, new points and the third return."""
    returned: dict[str, list[str]] = defaultdict(list)
    for row in DRAWN_ANSWERS:
        returned[row["lead_id"]].append(row["at"])
    asked: dict[str, list[str]] = defaultdict(list)
    viewed: dict[str, list[str]] = defaultdict(list)
    for row in DRAWN_EVENTS:
        found = asked if row["event_type"] == "demo_requested" else viewed
        found[row["lead_id"]].append(row["occurred_at"])
    stopped = {row["lead_id"] for row in DRAWN_LEADS if not row["phone"] or row["inquiry_type"]}
    by_score = 0
    for row in DRAWN_LEADS:
        name = row["lead_id"]
        assert name not in stopped or today[name] == []
        requests = [e for e in today[name] if e["cause_type"] == "event"]
        for entry in requests:
            assert f"{entry['crossed_at'].isoformat()}Z" in asked[name]
        # Who asks is worked: by the hand-off of the request, or by one that was open.
        for moment in asked[name] if name not in stopped else ():
            at = datetime.fromisoformat(moment.removesuffix("Z"))
            assert any(
                e["crossed_at"] <= at and (e["ended_at"] is None or at <= e["ended_at"])
                for e in today[name]
                if e["cause_type"] == "event"
            ), (name, moment)
        for entry in today[name]:
            if entry["cause_type"] != "grade":
                continue
            by_score += 1
            end_of_day = (entry["crossed_date"] + timedelta(days=1)).isoformat()
            before = [at for at in returned[name] if at < f"{end_of_day}T00:00:00Z"]
            if not before:
                continue
            last = max(before)
            since = [at for at in asked[name] if last < at < f"{end_of_day}T00:00:00Z"]
            assert len(before) < 3
            if since:
                continue
            quiet = entry["crossed_date"] - date.fromisoformat(last[:10])
            assert quiet.days >= 10
            assert len([at for at in viewed[name] if at > last]) >= 2
    assert by_score > 5


def test_late_data_and_new_members_move_nothing(builds: dict[str, Published]) -> None:
    today, tomorrow = handoffs(builds["today"]), handoffs(builds["tomorrow"])
    fixed = ("handoff_id", "policy_id", "first_owner_id", "crossed_at", "first_attempt_due_at",
             "grade", "engagement_score", "handoff_kind", "joined_handoff_id")  # fmt: skip
    for lead_id, entries in today.items():
        kept = tomorrow[lead_id][: len(entries)]
        assert [[e[name] for name in fixed] for e in kept] == [
            [e[name] for name in fixed] for e in entries
        ]
    # Nothing is found on days that are over, but what landed since.
    found = {
        lead_id
        for lead_id, entries in tomorrow.items()
        if any(e["crossed_date"] < TOMORROW for e in entries[len(today[lead_id]) :])
    }
    assert found == {"late"}


def test_a_request_that_landed_late_is_handed_over(builds: dict[str, Published]) -> None:
    entry = only(handoffs(builds["tomorrow"]), "late")
    assert (entry["crossed_date"], entry["issued_date"]) == (date(2026, 6, 10), TOMORROW)
    assert entry["is_attempt_late"]


def test_a_build_from_nothing_keeps_what_was_issued(builds: dict[str, Published]) -> None:
    query = "select * from fct_handoffs order by handoff_id"
    assert builds["anew"].rows(query) == builds["tomorrow"].rows(query)
    query = "select * from fct_handoff_events order by handoff_event_id"
    assert builds["anew"].rows(query) == builds["tomorrow"].rows(query)
