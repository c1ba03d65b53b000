"""Shipped rows that a rules folder leaves without what they name are left out; rules are not."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest

from orchestration.lib.seeds import CheckResult, check_seeds, fit_seeds, load_seeds, write_seeds
from tests.orchestration.seed_folders import FILES, KNOWN, SEEDS

MINIMAL = "rule_id,score_id,group_id,applies_to,event_type,points,repeat\n"
OWN_RULES = MINIMAL + (
    "everybody,fit,role,lead,,10,\nforms,engagement,web,event,form_submitted,5,each\n"
)
THREE_ATTRIBUTES = "attribute\nplan\nseats\ncountry\n"


def checked(folder: Path, files: Mapping[str, str]) -> CheckResult:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return check_seeds(load_seeds(SEEDS, folder), KNOWN)


def ids(result: CheckResult, seed: str) -> list[str | None]:
    """The first cell of every row that is left."""
    table = result.seed_set.tables[seed]
    return [row.cells[table.spec.columns[0].name] for row in table.rows]


def told(result: CheckResult) -> dict[str, str]:
    """The notices by file; fails if a file has two."""
    found = {notice.file or "": notice.message for notice in result.notices}
    assert len(found) == len(result.notices), [str(notice) for notice in result.notices]
    return found


def written(result: CheckResult, folder: Path, seed: str) -> list[dict[str, str]]:
    write_seeds(result.seed_set, folder)
    (file,) = folder.glob(f"*/{seed}.csv")
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def shipped_rows(seed: str) -> int:
    return len(load_seeds(SEEDS, None).tables[seed].rows)


def test_rules_of_minimal_columns_alone_are_enough(tmp_path: Path) -> None:
    result = checked(tmp_path / "rules", {"scoring_rules.csv": OWN_RULES})
    assert result.problems == ()
    count = shipped_rows("rule_conditions")
    gone = "left out: rules/scoring_rules.csv takes the place of the shipped file and has no "
    gone += "such rule."
    assert told(result) == {
        "seeds/handoff/handoff_policies.csv": f"3 rows and 16 items of lists are {gone}",
        "seeds/handoff/next_steps.csv": f"9 rows are {gone}",
        "seeds/scoring/rule_conditions.csv": f"{count} rows are {gone}",
    }
    assert written(result, tmp_path / "seeds", "rule_conditions") == []
    rules = written(result, tmp_path / "seeds", "scoring_rules")
    assert [rule["rule_id"] for rule in rules] == ["everybody", "forms"]
    assert rules[1]["repeat"] == "each"
    assert {rules[1][name] for name in ("min_count", "decay_days", "valid_from")} == {""}


def test_conditions_of_rules_that_still_exist_stay(tmp_path: Path) -> None:
    rules = OWN_RULES.replace("everybody", "fit_level_head")
    result = checked(tmp_path / "rules", {"scoring_rules.csv": rules})
    assert result.problems == ()
    assert ids(result, "rule_conditions") == ["fit_level_head"]
    notice = told(result)["seeds/scoring/rule_conditions.csv"]
    assert f"{shipped_rows('rule_conditions') - 1} rows" in notice


def test_an_event_rule_without_repeat_is_refused(tmp_path: Path) -> None:
    lacking = OWN_RULES.replace(",each", ",")
    without_column = "\n".join(line.rpartition(",")[0] for line in OWN_RULES.splitlines())
    for name, rules in (("empty", lacking), ("no column", without_column)):
        (problem,) = checked(tmp_path / name / "rules", {"scoring_rules.csv": rules}).problems
        assert (problem.row, problem.column) == (3, "repeat")


def test_scores_groups_and_event_types_of_its_own(tmp_path: Path) -> None:
    result = checked(
        tmp_path / "rules",
        {
            "scoring_rules.csv": MINIMAL + "calls,engagement,talks,event,called_us,5,each\n",
            "score_groups.csv": "score_id,group_id\nfit,base\nengagement,talks\n",
            "score_definitions.csv": "score_id\nfit\nengagement\n",
            "event_types.csv": "event_type\ncalled_us\nmail_read\n",
        },
    )
    assert result.problems == ()
    notices = told(result)
    assert set(notices) == {
        "seeds/handoff/handoff_policies.csv",
        "seeds/handoff/next_steps.csv",
        "seeds/reference/automation_patterns.csv",
        "seeds/reference/event_names.csv",
        "seeds/reference/forms.csv",
        "seeds/reference/measure_event_types.csv",
        "seeds/scoring/rule_conditions.csv",
    }
    assert notices["seeds/reference/forms.csv"] == (
        f"{shipped_rows('forms')} rows are left out: rules/event_types.csv takes the place of the "
        "shipped file and has no such event type."
    )
    assert written(result, tmp_path / "seeds", "forms") == []
    assert len(ids(result, "grades")) == shipped_rows("grades")
    assert len(ids(result, "score_bands")) == shipped_rows("score_bands")


def test_what_hangs_on_a_score_that_is_gone_goes_with_it(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    for spec in load_seeds(SEEDS, None).catalog.values():
        folder = seeds / spec.folder
        folder.mkdir(parents=True, exist_ok=True)
        for name in (f"{spec.name}.csv", f"_{spec.folder}__seeds.yml"):
            (folder / name).write_bytes((SEEDS / spec.folder / name).read_bytes())
    for name, rows in {
        "score_definitions": "product,,,,\n",
        "score_groups": "product,use,,,,\n",
        "score_bands": "product,low,\n",
        "grade_sets": "product,fit,product,,\n",
        "grades": "product,A,low,P,cold,none,9\n",
    }.items():
        with (seeds / "scoring" / f"{name}.csv").open("a", encoding="utf-8") as file:
            file.write(rows)
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "score_definitions.csv").write_text(FILES["score_definitions.csv"])
    result = check_seeds(load_seeds(seeds, folder), KNOWN)
    assert result.problems == ()
    for name, lost in {
        "score_groups": "score",
        "score_bands": "score",
        "grade_sets": "score",
        "grades": "grade set",
    }.items():
        message = told(result)[f"seeds/scoring/{name}.csv"]
        assert message.startswith("1 row is left out: rules/score_definitions.csv takes")
        assert message.endswith(f"has no such {lost}.")
        assert len(ids(result, name)) == shipped_rows(name)


def test_grades_of_bands_that_are_gone_are_left_out_and_new_pairs_need_one(tmp_path: Path) -> None:
    fewer = "score_id,band,min_points\nfit,C,\nfit,A,60\nengagement,3,\nengagement,1,50\n"
    result = checked(tmp_path / "fewer" / "rules", {"score_bands.csv": fewer})
    assert result.problems == ()
    assert len(ids(result, "grades")) == 4
    assert "5 rows are left out" in told(result)["seeds/scoring/grades.csv"]
    more = checked(tmp_path / "more" / "rules", {"score_bands.csv": fewer.replace("A", "top")})
    (problem,) = more.problems
    assert problem.file == "seeds/scoring/grades.csv"
    assert "rules/score_bands.csv" in problem.remedy


def test_exclusions_and_motions_on_fields_that_are_gone_are_left_out(tmp_path: Path) -> None:
    files = {"attributes.csv": THREE_ATTRIBUTES, "scoring_rules.csv": OWN_RULES}
    result = checked(tmp_path / "rules", files)
    assert result.problems == ()
    assert ids(result, "exclusion_conditions") == ids(result, "motion_conditions") == []
    # Without their conditions they would hold for every lead.
    assert ids(result, "exclusions") == []
    assert ids(result, "motions") == ["new_business"]
    # The policies have two: their rules are gone, and what they require is known of nobody.
    notices = {notice.file: notice.message for notice in result.notices}
    assert notices["seeds/reference/motions.csv"] == (
        "2 rows are left out: rules/attributes.csv takes the place of the shipped file and has no "
        "such field for their conditions."
    )
    assert set(notices) == {
        f"seeds/{name}.csv"
        for name in (
            "handoff/handoff_policies",
            "handoff/next_steps",
            "handoff/nurture_conditions",
            "handoff/policy_conditions",
            "handoff/routing_conditions",
            "reference/exclusions",
            "reference/exclusion_conditions",
            "reference/motions",
            "reference/motion_conditions",
            "scoring/rule_conditions",
        )
    }
    assert written(result, tmp_path / "seeds", "exclusion_conditions") == []


def test_an_alternative_goes_as_a_whole_and_the_others_stay(tmp_path: Path) -> None:
    attributes = THREE_ATTRIBUTES + "company_name\n"
    files = {"attributes.csv": attributes, "scoring_rules.csv": OWN_RULES}
    result = checked(tmp_path / "rules", files)
    assert ids(result, "exclusions") == ["internal"]
    (left,) = result.seed_set.tables["exclusion_conditions"].rows
    assert (left.cells["alternative"], left.cells["field"]) == ("2", "company_name")


def test_an_exclusion_of_the_folder_never_loses_its_last_condition(tmp_path: Path) -> None:
    files = {
        "attributes.csv": THREE_ATTRIBUTES,
        "exclusions.csv": "exclusion_id,sort_order,stops_scoring\nerased,1,true\n",
    }
    result = checked(tmp_path / "rules", files)
    (problem,) = result.problems
    assert (problem.file, problem.column) == ("seeds/reference/exclusion_conditions.csv", "field")
    assert "rules/attributes.csv" in problem.remedy
    assert ids(result, "exclusion_conditions") == ["erased"]


def test_shipped_rules_keep_conditions_on_fields_that_are_gone(tmp_path: Path) -> None:
    result = checked(tmp_path / "rules", {"attributes.csv": THREE_ATTRIBUTES})
    assert result.problems == ()
    assert len(ids(result, "rule_conditions")) == shipped_rows("rule_conditions")
    messages = [n.message for n in result.notices if "rule_conditions" in (n.file or "")]
    assert any("counts as unknown for every lead" in message for message in messages)


@pytest.mark.parametrize(
    ("file", "text", "column"),
    [
        ("event_types.csv", "event_type\ncalled_us\n", "event_type"),
        ("score_groups.csv", "score_id,group_id\nfit,base\n", "group_id"),
    ],
)
def test_a_shipped_rule_is_never_left_out(
    tmp_path: Path, file: str, text: str, column: str
) -> None:
    result = checked(tmp_path / "rules", {file: text})
    (problem,) = result.problems
    assert (problem.file, problem.column) == ("seeds/scoring/scoring_rules.csv", column)
    assert f"rules/{file}" in problem.remedy
    assert len(ids(result, "scoring_rules")) == shipped_rows("scoring_rules")


def test_rows_of_the_folder_itself_are_refused(tmp_path: Path) -> None:
    files = {
        "event_types.csv": "event_type\nform_submitted\n",
        "forms.csv": "source,match,pattern,event_type\nhubspot,contains,x,page_viewed\n",
        "scoring_rules.csv": OWN_RULES,
        "rule_conditions.csv": "rule_id,field,operator,value\nnobody,plan,equals,x\n",
        "attributes.csv": THREE_ATTRIBUTES,
        "motion_conditions.csv": "motion,field,operator,value\npartner,industry,equals,x\n",
    }
    result = checked(tmp_path / "rules", files)
    assert [(problem.file, problem.row, problem.column) for problem in result.problems] == [
        ("rules/motion_conditions.csv", 2, "field"),
        ("rules/forms.csv", 2, "event_type"),
        ("rules/rule_conditions.csv", 2, "rule_id"),
    ]


def test_a_policy_loses_what_is_gone_and_goes_when_nothing_lets_a_lead_in(tmp_path: Path) -> None:
    grades = "fit_band,engagement_band,grade\n" + "".join(
        f"{fit},{engagement},{'A1' if (fit, engagement) == ('A', '1') else 'Z'}\n"
        for fit in "ABC"
        for engagement in "123"
    )
    rules = OWN_RULES.replace("forms", "eng_demo_request")
    result = checked(tmp_path / "rules", {"scoring_rules.csv": rules, "grades.csv": grades})
    assert result.problems == ()
    policies = {row.cells["policy_id"]: row.cells for row in
                result.seed_set.tables["handoff_policies"].rows}  # fmt: skip
    assert "warm_target" not in policies
    assert policies["hand_raise"]["enter_rules"] == "eng_demo_request"
    assert policies["hand_raise"]["blocked_by_rules"] is None
    assert policies["hot_grade"]["enter_grades"] == policies["hot_grade"]["stay_grades"] == "A1"
    assert set(ids(result, "policy_conditions")) == {"hot_grade"}
    assert told(result)["seeds/handoff/handoff_policies.csv"].startswith("1 row and ")


def test_policies_that_require_what_nobody_can_have_are_told(tmp_path: Path) -> None:
    result = checked(tmp_path / "rules", {"attributes.csv": THREE_ATTRIBUTES})
    said = [n.message for n in result.notices if n.file == "seeds/handoff/handoff_policies.csv"]
    assert any(words.startswith("policies require fields that rules/attrib") for words in said)


def test_a_policy_keeps_its_promise_and_a_route_its_stage(tmp_path: Path) -> None:
    levels = "service_level_id,first_attempt_hours,min_attempts,attempts_within_days,"
    levels += "decide_within_days\nsoon,1,3,5,10\n"
    stages = "handoff_stage,sort_order,from_role,to_role\nonly,1,marketing,field_sales\n"
    result = checked(
        tmp_path / "rules", {"service_levels.csv": levels, "handoff_stages.csv": stages}
    )
    assert [(problem.file, problem.column) for problem in result.problems][:2] == [
        ("seeds/handoff/handoff_policies.csv", "handoff_stage"),
        ("seeds/handoff/handoff_policies.csv", "service_level_id"),
    ]
    assert len(ids(result, "handoff_policies")) == shipped_rows("handoff_policies")
    assert len(ids(result, "routing_rules")) == shipped_rows("routing_rules")


def test_nothing_is_left_out_of_the_shipped_seeds() -> None:
    seeds = load_seeds(SEEDS, None)
    assert fit_seeds(seeds, KNOWN) is seeds
