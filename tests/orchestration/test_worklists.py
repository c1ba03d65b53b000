"""Who works what: states, queues, programs and the funnel, over one build.

A handful of hand-written leads, each standing for one sentence, beside a small simulated company.
Every member of sales has room for one lead a week, so that there is an overflow.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from tests.orchestration.building import REPOSITORY, Published, build, shipped_seeds, write_rows

AS_OF = date(2026, 10, 30)
CAPACITY = 1

LEADS = [
    {"lead_id": lead_id, "created_at": "2026-01-05", "phone": "03-0000-0000"} | more
    for lead_id, more in {
        "asks": {
            "email": "asks@company-1.example",
            "姓": "石川",
            "名": "優子",
            "フリガナ": "イシカワ",
        },
        "asks, not to be contacted": {
            "email": "no@company-2.example",
            "opted_out": "true",
            "do_not_contact": "no",
        },
        "kept": {"email": "kept@company-3.example"},
        "promised": {"email": "promised@company-4.example"},
        "promised for today": {"email": "today@company-5.example"},
        "judged no lead": {"email": "none@company-6.example"},
        "won": {"email": "won@company-7.example"},
        "unsubscribed": {"email": "unsubscribed@company-8.example", "email_opt_out": "1"},
        "nobody": {"email": "nobody@company-9.example"},
    }.items()
]
EVENTS = [
    {"lead_id": lead_id, "event_type": "form_submitted", "occurred_at": at, "form_kind": "demo"}
    for lead_id, at in (
        ("asks", "2026-10-30T01:05:00Z"),
        ("asks, not to be contacted", "2026-10-30T01:05:00Z"),
        ("kept", "2026-10-28T01:05:00Z"),
    )
]
FEEDBACK = [
    {"lead_id": lead_id, "at": at, "disposition": disposition} | more
    for lead_id, at, disposition, more in (
        ("kept", "2026-10-29T01:00:00Z", "nurture_requested", {}),
        (
            "promised",
            "2026-10-20T01:00:00Z",
            "returned",
            {"reason": "too_early", "recontact_date": "2026-12-01"},
        ),
        (
            "promised for today",
            "2026-10-01T01:00:00Z",
            "returned",
            {"reason": "too_early", "recontact_date": AS_OF.isoformat()},
        ),
        ("judged no lead", "2026-10-10T01:00:00Z", "disqualified", {"reason": "vendor_pitch"}),
    )
]


def write_table(file: Path, rows: list[dict[str, str]]) -> None:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    write_rows(file, columns, [{name: row.get(name, "") for name in columns} for row in rows])


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Published:
    folder = tmp_path_factory.mktemp("worklists")
    raw = folder / "raw"
    generate = REPOSITORY / "data" / "simulated_company" / "generate.py"
    subprocess.run(
        [sys.executable, str(generate), str(raw), "--contacts", "1500", "--events", "12000"],
        check=True,
        capture_output=True,
    )
    (raw / "file").mkdir()
    write_table(raw / "file" / "leads.csv", LEADS)
    write_table(raw / "file" / "events.csv", EVENTS)
    write_table(raw / "file" / "feedback.csv", FEEDBACK)
    write_table(
        raw / "file" / "outcomes.csv",
        [{"lead_id": "won", "outcome": "won", "closed_at": "2026-05-01", "amount": "100000"}],
    )
    rules = folder / "rules"
    rules.mkdir()
    members = shipped_seeds("handoff")["sales_members"]
    write_table(
        rules / "sales_members.csv",
        [member | {"weekly_capacity": str(CAPACITY)} for member in members],
    )
    return build(raw, folder / "work", AS_OF, rules=rules, source="file,hubspot,segment")


def test_every_lead_is_in_exactly_one_state(lists: Published) -> None:
    with (REPOSITORY / "seeds/reference/work_statuses.csv").open(encoding="utf-8") as file:
        words = {row["work_status"] for row in csv.DictReader(file)}
    counts = dict(lists.rows("select work_status, count(*) from dim_leads group by all"))
    assert set(counts) <= words
    ((leads, distinct_leads),) = lists.rows(
        "select count(*), count(distinct lead_id) from dim_leads"
    )
    assert sum(counts.values()) == leads == distinct_leads
    assert lists.rows("select count(*) from dim_leads where work_status is null") == [(0,)]


def test_each_hand_written_lead_is_where_its_name_says(lists: Published) -> None:
    found = dict(
        lists.rows(
            "select lead_id, work_status from dim_leads where source_name = 'file' order by 1"
        )
    )
    assert found == {
        "asks": "with_sales",
        "asks, not to be contacted": "excluded",
        "judged no lead": "disqualified",
        "kept": "sales_supported",
        "nobody": "nurture",
        "promised": "waiting_recontact",
        "promised for today": "with_sales",
        "unsubscribed": "resting",
        "won": "customer",
    }
    programs = dict(
        lists.rows(
            "select lead_id, program_id from rpt_nurture_queue "
            "join dim_leads using (lead_id) where source_name = 'file'"
        )
    )
    assert programs == {
        "kept": "sales_supported",
        "nobody": "newsletter",
        "promised": "recontact_wait",
    }


def test_whoever_asked_stands_first_with_name_time_and_next_step(lists: Published) -> None:
    ((urgency, name, reading, step, is_cut),) = lists.rows(
        "select urgency_en, person_name, name_reading, next_step_en, is_over_capacity "
        "from rpt_sales_queue where lead_id = 'asks'"
    )
    # The day is over, and nobody called.
    assert urgency == "Asked for a talk: first contact overdue since 2026-10-30 11:05"
    assert (name, reading) == ("石川 優子", "イシカワ")
    assert step.startswith("Call within the hour")
    assert not is_cut


def test_no_excluded_lead_is_in_a_queue_and_nobody_is_in_one_twice(lists: Published) -> None:
    for queue in ("rpt_sales_queue", "rpt_nurture_queue"):
        assert (
            lists.rows(
                f"select lead_id from {queue} join dim_leads using (lead_id) "
                "where dim_leads.work_status in ('excluded', 'disqualified')"
            )
            == []
        )
        assert lists.rows(f"select lead_id from {queue} group by all having count(*) > 1") == []


def test_both_queues_hold_only_whom_sales_keeps_and_wants_supported(lists: Published) -> None:
    both = lists.rows(
        "select lead_id, work_status, is_with_sales from rpt_nurture_queue as nurture "
        "join rpt_sales_queue as sales using (lead_id)"
    )
    assert ("kept", "sales_supported", True) in both
    assert {(status, marked) for _, status, marked in both} == {("sales_supported", True)}


def test_the_order_is_that_of_the_agreement_and_only_requests_pass_the_capacity(
    lists: Published,
) -> None:
    order = {
        policy["policy_id"]: int(policy["sort_order"])
        for policy in shipped_seeds("handoff")["handoff_policies"]
    }
    rows = lists.rows(
        "select team_id, owner_id, queue_rank, policy_id, is_hand_raise, is_fill_only, "
        "is_over_capacity from rpt_sales_queue order by team_id, owner_id, queue_rank"
    )
    assert len(rows) > 5
    queues: dict[tuple[str, str], list[tuple[bool, bool, int]]] = {}
    for team, owner, rank, policy, asked, fills, is_over in rows:
        queue = queues.setdefault((team, owner), [])
        queue.append((not asked, fills, order[policy]))
        assert rank == len(queue)
        assert is_over == (not asked and rank > CAPACITY)
    assert all(queue == sorted(queue) for queue in queues.values())
    assert any(is_over for *_, is_over in rows)


def test_a_step_lies_in_the_program_and_the_gap_tells_what_is_missing(lists: Published) -> None:
    programs = {
        row["program_id"]: (int(row["cadence_days"]), int(row["max_steps"]))
        for row in shipped_seeds("handoff")["nurture_programs"]
    }
    rows = lists.rows(
        "select program_id, step_number, started_date, next_step_date, ready_en, ready_ja, why_ja "
        "from rpt_nurture_queue"
    )
    assert len(rows) > 50
    for program, step, started, following, *texts in rows:
        cadence, most = programs[program]
        days = (AS_OF - started).days
        assert step == min(days // cadence + 1, most)
        assert following is None or 0 < (following - AS_OF).days <= cadence
        assert all(text and "{" not in text for text in texts)


def test_stages_follow_each_other_without_a_gap(lists: Published) -> None:
    assert (
        lists.rows(
            "select lead_id from fct_lead_lifecycle group by all having count_if(is_current) <> 1"
        )
        == []
    )
    assert (
        lists.rows(
            "select lead_id from fct_lead_lifecycle "
            "where valid_from > valid_to or left_at < entered_at"
        )
        == []
    )
    assert (
        lists.rows(
            "select lead_id from (select lead_id, valid_to, lead(valid_from) over ("
            "partition by lead_id order by cycle_number, valid_from nulls first,"
            " entered_at nulls first, sort_order)"
            " as next_from from fct_lead_lifecycle) where valid_to is distinct from next_from"
        )
        == []
    )


def test_the_funnel_sums_to_the_life_cycle(lists: Published) -> None:
    entered = lists.rows(
        "select date_trunc('month', valid_from)::date, stage_id, count(*) "
        "from fct_lead_lifecycle where valid_from is not null group by all order by all"
    )
    counted = lists.rows(
        "select month_start, stage_id, sum(lead_count)::bigint from rpt_funnel_monthly "
        "where reached_stage_id = stage_id group by all order by all"
    )
    assert len(entered) > 10
    assert counted == entered
    # A later stage is never reached by more leads than an earlier one.
    reached = lists.rows(
        "select stage_id, list(reached order by sort_order) from (select funnel.stage_id, "
        "stages.sort_order, sum(funnel.reached_count) as reached from rpt_funnel_monthly as funnel "
        "join (select distinct stage_id, sort_order from fct_lead_lifecycle where not is_exit) "
        "as stages on funnel.reached_stage_id = stages.stage_id group by all) group by all"
    )
    assert all(counts == sorted(counts, reverse=True) for _, counts in reached)


def test_a_hand_off_stands_in_the_cycle_of_the_stage_that_it_opened(lists: Published) -> None:
    handed_over = lists.rows(
        "select count(*), count(*) filter (lifecycle.cycle_number <> handoffs.cycle_number) "
        "from fct_lead_lifecycle as lifecycle inner join fct_handoffs as handoffs "
        "using (handoff_id)"
    )
    ((handoffs, elsewhere),) = handed_over
    assert handoffs > 5
    assert elsewhere == 0


def test_service_levels_and_targets_sum_to_what_they_count(lists: Published) -> None:
    assert lists.rows("select sum(handoff_count) from rpt_service_levels") == lists.rows(
        "select count(*) from fct_handoffs where handoff_kind = 'handoff'"
    )
    assert lists.rows(
        "select actual from rpt_targets where metric = 'mql' and month_start = '2026-10-01'"
    ) == lists.rows(
        "select count(*) from fct_lead_lifecycle "
        "where stage_id = 'mql' and date_trunc('month', valid_from) = date '2026-10-01' "
        "and motion not in ('expansion', 'partner')"
    )
    assert lists.rows(
        "select count(*) from rpt_nurture_performance where ready_count > entered_count "
        "or handed_off_count > ready_count or running_count > entered_count"
    ) == [(0,)]
