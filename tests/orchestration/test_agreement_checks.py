"""Every mistake in the agreement stops with file, row, column and remedy; what is legal passes."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import pytest

from orchestration.lib.seeds import CheckResult, check_seeds, load_seeds
from tests.orchestration.seed_folders import KNOWN, SEEDS

Files = Mapping[str, str]

POLICIES, ROUTES, PROGRAMS = "handoff_policies", "routing_rules", "nurture_programs"


def shipped(seed: str) -> list[list[str]]:
    (file,) = SEEDS.glob(f"*/{seed}.csv")
    return list(csv.reader(io.StringIO(file.read_text(encoding="utf-8"))))


def text_of(records: list[list[str]]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerows(records)
    return buffer.getvalue()


def row_of(seed: str, first_cell: str) -> int:
    """The row of a shipped seed as a spreadsheet counts it, found by its first cell."""
    return [record[0] for record in shipped(seed)].index(first_cell) + 1


def edited(seed: str, row: int, **cells: str) -> dict[str, str]:
    """A shipped seed with cells of one row changed."""
    records = shipped(seed)
    for column, text in cells.items():
        records[row - 1][records[0].index(column)] = text
    return {seed: text_of(records)}


def added(seed: str, like: int, **cells: str) -> dict[str, str]:
    """A shipped seed with a row at its end that is another one but for some cells."""
    records = shipped(seed)
    record = list(records[like - 1])
    for column, text in cells.items():
        record[records[0].index(column)] = text
    return {seed: text_of([*records, record])}


def without(seed: str, *first_cells: str) -> dict[str, str]:
    records = [record for record in shipped(seed) if record[0] not in first_cells]
    return {seed: text_of(records)}


def checked(folder: Path, files: Files) -> CheckResult:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="")
    return check_seeds(load_seeds(SEEDS, folder), KNOWN)


def policy(policy_id: str, **cells: str) -> dict[str, str]:
    return edited(POLICIES, row_of(POLICIES, policy_id), **cells)


def route(route_id: str, **cells: str) -> dict[str, str]:
    return edited(ROUTES, row_of(ROUTES, route_id), **cells)


def hours(row: int, **cells: str) -> dict[str, str]:
    return edited("business_hours", row, **cells)


def test_the_shipped_agreement_is_good(tmp_path: Path) -> None:
    assert checked(tmp_path / "rules", {}).problems == ()


def test_every_shipped_seed_of_the_agreement_may_come_from_a_rules_folder(tmp_path: Path) -> None:
    files = {
        file.stem: file.read_text(encoding="utf-8") for file in (SEEDS / "handoff").glob("*.csv")
    }
    assert len(files) > 20
    result = checked(tmp_path / "rules", files)
    assert result.problems == ()
    assert not any(result.seed_set.tables[name].is_shipped for name in files)


# (what is wrong, changed files, row, column, words of the message); the file is the changed one.
BAD = [
    ("unknown rule", policy("hand_raise", enter_rules="eng_demo_reqest"), 2, "enter_rules",
     "'eng_demo_request'"),
    ("second rule unknown", policy("hand_raise", enter_rules="eng_demo_request|x"), 2,
     "enter_rules", "Unknown rule 'x'"),
    ("empty item", policy("hand_raise", enter_rules="eng_demo_request||eng_quote_request"), 2,
     "enter_rules", "empty item"),
    ("unknown bypass", policy("hand_raise", bypass_rules="x"), 2, "bypass_rules", "Unknown rule"),
    ("unknown block", policy("hand_raise", blocked_by_rules="x"), 2, "blocked_by_rules",
     "Unknown rule"),
    ("blocks itself", policy("hand_raise", blocked_by_rules="eng_demo_request"), 2,
     "blocked_by_rules", "lets leads in and blocks"),
    ("unknown grade", policy("hot_grade", enter_grades="A1|D1"), 6, "enter_grades", "grade 'D1'"),
    ("unknown stay", policy("hot_grade", stay_grades="A1|B1|Z"), 6, "stay_grades", "grade 'Z'"),
    ("leaves at once", policy("hot_grade", stay_grades="A1"), 6, "stay_grades", "with B1"),
    ("no points", policy("hot_grade", enter_points="engagement"), 6, "enter_points", "no list"),
    ("points of a word", policy("hot_grade", enter_points="fit:many"), 6, "enter_points",
     "no list"),
    ("points twice", policy("hot_grade", enter_points="fit:1,fit:2"), 6, "enter_points", "no list"),
    ("unknown score", policy("hot_grade", enter_points="engagment:60"), 6, "enter_points",
     "'engagement'"),
    ("stays on more", policy("hot_grade", enter_points="fit:20", stay_points="fit:30"), 6,
     "stay_points", "leave at once"),
    ("unknown answer", policy("appointment", enter_dispositions="meeting"), 8,
     "enter_dispositions", "Unknown disposition"),
    ("answer before the first stage", policy("hot_grade", enter_dispositions="meeting_set"), 6,
     "enter_dispositions", "first stage"),
    ("nothing enters", policy("hot_grade", enter_grades=""), 6, "enter_rules", "nobody in"),
    ("unknown field", policy("hot_grade", required_fields="company_name,email|fon"), 6,
     "required_fields", "Unknown field 'fon'"),
    ("event property", policy("hot_grade", required_fields="event.page_path"), 6,
     "required_fields", "Unknown field"),
    ("empty field", policy("hot_grade", required_fields="company_name,,phone"), 6,
     "required_fields", "empty item"),
    ("unknown motion", policy("hand_raise", motion="renewal"), 2, "motion", "Unknown motion"),
    ("unknown stage", policy("hand_raise", handoff_stage="x"), 2, "handoff_stage",
     "Unknown hand-off stage"),
    ("unknown promise", policy("hand_raise", service_level_id="respond_2h"), 2,
     "service_level_id", "Unknown service level"),
    ("no promise", policy("hand_raise", service_level_id=""), 2, "service_level_id", "empty"),
    ("days below 0", policy("hand_raise", cool_down_days="-1"), 2, "cool_down_days", "below 0"),
    ("neither yes nor no", policy("hand_raise", fill_only="maybe"), 2, "fill_only", "neither"),
    ("same place", policy("customer_request", sort_order="1"), 3, "sort_order", "same place"),
    ("overlapping periods", added(POLICIES, 2, valid_from="2026-10-01", sort_order="9"), 9,
     "valid_from, valid_to", "overlaps"),
    ("condition of no policy", edited("policy_conditions", 2, policy_id="x"), 2, "policy_id",
     "Unknown policy"),
    ("unknown field of a policy", edited("policy_conditions", 2, field="creator"), 2, "field",
     "Unknown field"),
    ("event of a policy", edited("policy_conditions", 2, field="event.page_path"), 2, "field",
     "no event"),
    ("unknown operator", edited("policy_conditions", 2, operator="like"), 2, "operator",
     "Unknown operator"),
    ("no value", edited("policy_conditions", 2, value=""), 2, "value", "no value"),
    ("bad pattern", edited("routing_conditions", 2, operator="matches", value="("), 2, "value",
     "not valid"),
    ("grade of a program", edited("nurture_conditions", row_of("nurture_conditions", "comparing"),
                                  value="A2|D2"), 6, "value", "Unknown grade 'D2'"),
    ("answer of a program", edited("nurture_conditions", 2, value="nurture"), 2, "value",
     "Unknown disposition"),
    ("condition of no route", edited("routing_conditions", 2, route_id="x"), 2, "route_id",
     "Unknown routing rule"),
    ("unknown method", route("west", method="lottery"), 7, "method", "Unknown method"),
    ("no team", route("west", target=""), 7, "target", "names no team"),
    ("unknown team", route("west", target="is_wset"), 7, "target", "'is_west'"),
    ("no role", route("customer_owner", target="owner"), 3, "target", "No team has the role"),
    ("no days", route("same_person_90d", target="often"), 5, "target", "how many days"),
    ("target too much", route("open_deal_owner", target="is_east"), 2, "target", "has a target"),
    ("last rule has conditions", added("routing_conditions", 2, route_id="east"), None, None, ""),
    ("last rule is no turn", route("east", method="open_deal_owner", target=""), 8, "sort_order",
     "without an owner"),
    ("nobody afterwards", route("field_east", valid_to="2027-01-01"), 10, "sort_order",
     "from 2027-01-01 on"),
    ("no rule of the stage", without(ROUTES, "field_account", "field_west", "field_east"), None,
     "sort_order", "without an owner"),
    ("empty team", without("sales_members", "m04"), None, None, ""),
    ("last program has conditions", added("nurture_conditions", 2, program_id="newsletter"), None,
     None, ""),
    ("no last program", without(PROGRAMS, "newsletter"), None, None, ""),
    ("unknown calendar", edited("sales_teams", 2, calendar_id="x"), 2, "calendar_id",
     "Unknown calendar"),
    ("unknown role", edited("sales_teams", 2, role="sales"), 2, "role", "Unknown role"),
    ("team of a member", edited("sales_members", 2, team_id="x"), 2, "team_id", "Unknown team"),
    ("owner twice", edited("sales_members", 3, crm_owner_id="owner_m01"), 3, "crm_owner_id",
     "same owner"),
    ("member twice", added("sales_members", 2, valid_from="2026-01-01"), 15,
     "valid_from, valid_to", "overlaps"),
    ("negative weight", edited("sales_members", 2, turn_weight="-1"), 2, "turn_weight", "below 0"),
    ("absent stranger", edited("sales_absences", 2, member_id="x"), 2, "member_id",
     "Unknown member"),
    ("absence reversed", edited("sales_absences", 2, absent_to="2026-08-01"), 2, "absent_to",
     "before absent_from"),
    ("capacity of no team", edited("sales_capacity", 2, team_id="x"), 2, "team_id", "Unknown team"),
    ("no time", hours(2, opens_at="nine"), 2, "opens_at", "no time of day"),
    ("hour 25", hours(2, closes_at="25:00"), 2, "closes_at", "no time of day"),
    ("minute 60", hours(2, closes_at="11:60"), 2, "closes_at", "no time of day"),
    ("past the end of the day", hours(2, closes_at="24:30"), 2, "closes_at", "no time of day"),
    ("closes first", hours(2, closes_at="08:00"), 2, "closes_at", "before it opens"),
    ("opens as it closes", hours(2, closes_at="09:00"), 2, "closes_at", "before it opens"),
    ("hours overlap", hours(3, opens_at="11:59"), 3, "opens_at, closes_at", "row 2"),
    ("hours twice", hours(3, opens_at="9:00"), 3, "calendar_id, weekday, opens_at", "row 2"),
    ("weekday 8", hours(2, weekday="8"), 2, "weekday", "above 7"),
    ("unknown zone", hours(2, time_zone="Asia/Tokio"), 2, "time_zone", "'Asia/Tokyo'"),
    ("no place", hours(2, time_zone="JST"), 2, "time_zone", "Unknown time zone"),
    ("two zones", hours(3, time_zone="Asia/Seoul"), 3, "time_zone", "another time zone"),
    ("holiday of no calendar", edited("business_holidays", 2, calendar_id="x"), 2, "calendar_id",
     "Unknown calendar"),
    ("no day", edited("business_holidays", 2, holiday_date="2026-02-30"), 2, "holiday_date",
     "no day"),
    ("clocks reversed", edited("service_levels", 2, escalate_after_hours="0.25"), 2,
     "escalate_after_hours", "before remind_after_hours"),
    ("no attempts", edited("service_levels", 2, min_attempts="0"), 2, "min_attempts", "below 1"),
    ("unknown meaning", edited("disposition_values", 2, disposition="retruned"), 2, "disposition",
     "'returned'"),
    ("stage of a word", edited("disposition_values", 2, handoff_stage="x"), 2, "handoff_stage",
     "Unknown hand-off stage"),
    ("kind of a touch", edited("disposition_values", 16, source_field="call_conected"), 16,
     "source_field", "'call_connected'"),
    ("unknown blame", edited("disposition_reasons", 2, blames="luck"), 2, "blames", "Unknown"),
    ("unknown use", edited("disposition_reasons", 2, applies_to="returned|parked"), 2,
     "applies_to", "Unknown applies_to 'parked'"),
    ("unknown program", edited("disposition_reasons", 2, program_id="x"), 2, "program_id",
     "Unknown program"),
    ("call again without a date", edited("disposition_reasons", 2, needs_recontact_date="false"),
     2, "needs_recontact_date", "no date"),
    ("nurture without a program", edited("disposition_reasons", 4, program_id=""), 4,
     "program_id", "no program"),
    ("unknown entry", edited("lifecycle_stages", 2, entered_by="born"), 2, "entered_by",
     "Unknown entry"),
    ("stage that is none", edited("lifecycle_stages", 3, entered_by="handoff_created:x"), 3,
     "entered_by", "Unknown entry"),
    ("answer that is none", edited("lifecycle_stages", 4, entered_by="disposition:accepted|ok"), 4,
     "entered_by", "Unknown entry 'ok'"),
    ("next step of no rule", edited("next_steps", 2, rule_id="x"), 2, "rule_id", "Unknown rule"),
    ("next step of no grade", edited("next_steps", row_of("next_steps", "hot"), grade="Z"), 11,
     "grade", "Unknown grade"),
    ("mid-month", edited("targets", 2, month_start="2026-10-15"), 2, "month_start", "first of a"),
    ("unknown metric", edited("targets", 2, metric="leads"), 2, "metric", "Unknown metric"),
    ("target of no team", edited("targets", 2, team_id="x"), 2, "team_id", "Unknown team"),
    ("same first day", added("agreements", 2, agreement_id="other"), 3, "valid_from", "row 2"),
    ("review before it begins", edited("agreements", 2, next_review_on="2026-09-01"), 2,
     "next_review_on", "before valid_from"),
]  # fmt: skip
# Where the mistake shows in another file than the one that was changed.
ELSEWHERE = {
    "last rule has conditions": (ROUTES, row_of(ROUTES, "east"), "sort_order", "without an owner"),
    "empty team": (ROUTES, row_of(ROUTES, "west"), "target", "Nobody in the team"),
    "last program has conditions": (PROGRAMS, 11, "sort_order", "without a program"),
    "no last program": (PROGRAMS, 10, "sort_order", "without a program"),
}


@pytest.mark.parametrize(
    ("name", "files", "row", "column", "words"), [pytest.param(*case, id=case[0]) for case in BAD]
)
def test_a_mistake_names_file_row_column_and_remedy(
    tmp_path: Path, name: str, files: Files, row: int | None, column: str | None, words: str
) -> None:
    (seed,) = files
    if name in ELSEWHERE:
        seed, row, column, words = ELSEWHERE[name]
    file = f"rules/{seed}.csv" if seed in files else f"seeds/handoff/{seed}.csv"
    found = checked(tmp_path / "rules", files).problems
    place = (file, row, column)
    matching = [it for it in found if (it.file, it.row, it.column) == place]
    assert len(matching) == 1, [str(problem) for problem in found]
    assert words in matching[0].message
    assert len(matching[0].remedy) > 10
    assert str(tmp_path) not in str(matching[0])


# One mistake, one message: what follows from it is not reported beside it.
ALONE = [
    "unknown rule", "leaves at once", "nothing enters", "same place", "no team", "unknown team",
    "no days", "last rule has conditions", "no rule of the stage", "empty team", "hours overlap",
    "closes first", "two zones", "unknown zone", "clocks reversed", "no last program",
    "owner twice", "unknown entry", "mid-month",
]  # fmt: skip


@pytest.mark.parametrize("name", ALONE)
def test_one_mistake_has_one_message(tmp_path: Path, name: str) -> None:
    (files,) = [case[1] for case in BAD if case[0] == name]
    found = checked(tmp_path / "rules", files).problems
    assert len(found) == 1, [str(problem) for problem in found]


LEGAL = [
    ("points instead of grades", policy("hot_grade", enter_grades="", stay_grades="",
                                        enter_points="fit:20, engagement:60",
                                        stay_points="fit:20")),
    ("any motion", policy("hand_raise", motion="")),
    ("a policy that ends", policy("warm_target", valid_to="2026-12-01")),
    ("the next period of a policy", edited(
        POLICIES, row_of(POLICIES, "warm_target"), valid_from="2026-12-01")),
    ("a label as field", edited("policy_conditions", 2, field="従業員数", operator="gte",
                                value="300")),
    ("lists with blanks", policy("hot_grade", enter_grades=" A1 | B1 ")),
    ("spreadsheet times", hours(2, opens_at="9:00:00", closes_at="12:00")),
    ("open to midnight", hours(3, closes_at="24:00")),
    ("zone in other case", hours(2, time_zone="asia/tokyo")),
    ("a member who left", edited("sales_members", 2, valid_to="2026-11-01")),
    ("nobody takes turns but others do", edited("sales_members", 3, turn_weight="0")),
    ("owner passed on", {"sales_members": text_of([
        *shipped("sales_members"), ["m14", "2026-07-01", "", "owner_m13", "is_east", "1", "20"]])}),
    ("a stage without policies", without(POLICIES, "appointment")),
    ("no policies at all", {POLICIES: text_of(shipped(POLICIES)[:1]),
                            "policy_conditions": text_of(shipped("policy_conditions")[:1])}),
]  # fmt: skip


@pytest.mark.parametrize("files", [pytest.param(case[1], id=case[0]) for case in LEGAL])
def test_what_is_legal_passes(tmp_path: Path, files: Files) -> None:
    found = checked(tmp_path / "rules", files).problems
    assert found == (), [str(problem) for problem in found]


def test_cells_are_brought_into_one_form(tmp_path: Path) -> None:
    files = policy(
        "hot_grade", enter_grades=" A1 | B1|A1", required_fields="会社名, 電話番号 | EMAIL"
    )
    files |= hours(2, opens_at="9:00", closes_at="12:00:00", time_zone="asia/tokyo")
    tables = checked(tmp_path / "rules", files).seed_set.tables
    cells = tables[POLICIES].rows[row_of(POLICIES, "hot_grade") - 2].cells
    assert cells["enter_grades"] == "A1|B1"
    assert cells["required_fields"] == "company_name,phone|email"
    cells = tables["business_hours"].rows[0].cells
    assert [cells[name] for name in ("opens_at", "closes_at", "time_zone")] == [
        "09:00",
        "12:00",
        "Asia/Tokyo",
    ]


def test_two_zones_are_told_of_each_row_that_differs(tmp_path: Path) -> None:
    files = {"business_hours": text_of(
        [record if place < 3 else [*record[:4], "Europe/Berlin"]
         for place, record in enumerate(shipped("business_hours"))]
    )}  # fmt: skip
    found = checked(tmp_path / "rules", files).problems
    assert [problem.row for problem in found] == list(range(4, 12))


def test_a_score_may_not_rest_on_a_field_of_the_agreement(tmp_path: Path) -> None:
    conditions = shipped("rule_conditions")
    conditions[1][2] = "disposition_reason"
    (problem,) = checked(tmp_path / "rules", {"rule_conditions": text_of(conditions)}).problems
    assert (problem.row, problem.column) == (2, "field")


def test_mistakes_of_all_files_come_together(tmp_path: Path) -> None:
    files = {
        **policy("hand_raise", enter_rules="x"),
        **hours(2, closes_at="8:00"),
        **route("west", target="x"),
    }
    found = checked(tmp_path / "rules", files).problems
    assert {problem.file for problem in found} == {
        "rules/handoff_policies.csv",
        "rules/business_hours.csv",
        "rules/routing_rules.csv",
    }
