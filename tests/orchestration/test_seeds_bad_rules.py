"""Every bad rule stops with file, row, column and remedy; every legal oddity passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.lib.problems import Problem
from orchestration.lib.seeds import KnownFields, check_seeds, load_seeds
from tests.orchestration.seed_folders import (
    FILES,
    KNOWN,
    SEEDS,
    with_cells,
    with_row,
    without_row,
    write_folder,
)

RULES, CONDITIONS = "scoring_rules.csv", "rule_conditions.csv"


def problems_of(folder: Path, files: dict[str, str]) -> tuple[Problem, ...]:
    return check_seeds(load_seeds(SEEDS, write_folder(folder, files)), KNOWN).problems


def rule(row: int, **cells: str) -> dict[str, str]:
    return with_cells(RULES, row, **cells)


def condition(row: int, **cells: str) -> dict[str, str]:
    return with_cells(CONDITIONS, row, **cells)


def test_the_small_rule_set_is_good(tmp_path: Path) -> None:
    assert problems_of(tmp_path / "rules", {}) == ()


# (what is wrong, changed files, row, column, words of the message); the file is the changed one.
BAD = [
    ("unknown field", condition(2, field="job_levle"), 2, "field", "Unknown field"),
    ("unknown property", condition(3, field="event.from_kind"), 3, "field", "Unknown field"),
    ("property without prefix", condition(3, field="form_kind"), 3, "field", "event.form_kind"),
    ("event property on the lead", condition(2, field="event.amount"), 2, "field", "no event"),
    ("computed from scores", condition(2, field="Grade"), 2, "field", "computed from scores"),
    ("said by sales", condition(2, field="Disposition"), 2, "field", "the agreement only"),
    ("reason of sales", condition(2, field="disposition_reason"), 2, "field", "the agreement only"),
    ("unknown event type", rule(3, event_type="form_sumbitted"), 3, "event_type", "Unknown event"),
    ("unknown operator", condition(2, operator="like"), 2, "operator", "Unknown operator"),
    ("unknown group", rule(2, group_id="web"), 2, "group_id", "Unknown group"),
    ("unknown score", rule(2, score_id="fitt"), 2, "score_id", "Unknown score"),
    ("score of a group", with_cells("score_groups.csv", 2, score_id="x"), 2, "score_id", "Unknown"),
    ("score of a band", with_cells("score_bands.csv", 2, score_id="x"), 2, "score_id", "Unknown"),
    (
        "score of a grade set",
        with_cells("grade_sets.csv", 2, fit_score_id="x"),
        2,
        "fit_score_id",
        "Unknown score",
    ),
    ("priority 0", with_cells("grades.csv", 2, priority="0"), 2, "priority", "below 1"),
    ("unknown applies_to", rule(2, applies_to="company"), 2, "applies_to", "Unknown applies_to"),
    ("unknown repeat", rule(3, repeat="twice"), 3, "repeat", "Unknown repeat"),
    ("no repeat", rule(3, repeat=""), 3, "repeat", "does not say"),
    ("unknown decay", rule(3, decay="step"), 3, "decay", "Unknown decay"),
    ("unknown route", with_cells("grades.csv", 2, route="phone"), 2, "route", "Unknown route"),
    ("condition of no rule", condition(2, rule_id="haed"), 2, "rule_id", "Unknown rule"),
    ("operator without value", condition(2, value=""), 2, "value", "has no value"),
    ("matches without value", condition(4, value=""), 4, "value", "has no value"),
    ("within_days without value", condition(2, operator="within_days", value=""), 2, "value", "no"),
    ("empty item", condition(3, value="demo||trial"), 3, "value", "empty item"),
    ("empty last item", condition(3, value="demo|"), 3, "value", "empty item"),
    ("empty item of not_in", condition(3, operator="not_in", value="a|　|b"), 3, "value", "empty"),
    ("between reversed", condition(5, value="299|100"), 5, "value", "above the high"),
    ("between days reversed", condition(5, value="2026/4/2|2026-04-01"), 5, "value", "above"),
    ("between one value", condition(5, value="100"), 5, "value", "two values"),
    ("between three values", condition(5, value="1|2|3"), 5, "value", "two values"),
    ("between open", condition(5, value="|299"), 5, "value", "two values"),
    ("between words", condition(5, value="few|many"), 5, "value", "two numbers"),
    ("between number and day", condition(5, value="1|2026-04-01"), 5, "value", "two numbers"),
    ("gt a word", condition(5, operator="gt", value="many"), 5, "value", "number or a date"),
    ("gte separators", condition(5, operator="gte", value="1,000"), 5, "value", "number or"),
    ("lt no finite", condition(5, operator="lt", value="1e999"), 5, "value", "number or"),
    ("lte inf", condition(5, operator="lte", value="inf"), 5, "value", "number or"),
    ("lt underscore", condition(5, operator="lt", value="1_000"), 5, "value", "number or"),
    ("gt no day", condition(5, operator="gt", value="2026-02-30"), 5, "value", "number or"),
    ("within a word", condition(2, operator="within_days", value="week"), 2, "value", "number of"),
    ("within negative", condition(2, operator="within_days", value="-1"), 2, "value", "number of"),
    ("invalid pattern", condition(4, value="(pricing"), 4, "value", "pattern is not valid"),
    ("look-behind pattern", condition(4, value="(?<=a)b"), 4, "value", "pattern is not valid"),
    ("no event type", rule(3, event_type=""), 3, "event_type", "no event type"),
    ("event type on lead", rule(2, event_type="page_viewed"), 2, "event_type", "has an event type"),
    ("min_count 0", rule(5, min_count="0"), 5, "min_count", "below 1"),
    ("min_count 1.5", rule(5, min_count="1.5"), 5, "min_count", "no whole number"),
    ("max_count -1", rule(5, max_count="-1"), 5, "max_count", "below 1"),
    ("max_count word", rule(5, max_count="all"), 5, "max_count", "no whole number"),
    ("window 0", rule(5, window_days="0"), 5, "window_days", "below 1"),
    ("window too large", rule(5, window_days="9999999999"), 5, "window_days", "too large"),
    ("decay_days 0", rule(5, decay_days="0"), 5, "decay_days", "below 1"),
    ("decay_days 7.5", rule(5, decay_days="7.5"), 5, "decay_days", "no whole number"),
    ("exponential without days", rule(5, decay_days=""), 5, "decay_days", "exponential"),
    ("linear without days", rule(3, decay_days=""), 3, "decay_days", "linear"),
    ("linear without percent", rule(3, decay_percent=""), 3, "decay_percent", "linear"),
    ("linear percent 0", rule(3, decay_percent="0"), 3, "decay_percent", "linear"),
    ("linear percent 101", rule(3, decay_percent="100.5"), 3, "decay_percent", "linear"),
    ("linear percent negative", rule(3, decay_percent="-25"), 3, "decay_percent", "linear"),
    ("percent decimals", rule(3, decay_percent="0.12345678901"), 3, "decay_percent", "ten"),
    ("points decimals", rule(2, points="0.125"), 2, "points", "more than two decimals"),
    ("points exponent", rule(2, points="5e-3"), 2, "points", "more than two decimals"),
    ("points word", rule(2, points="many"), 2, "points", "no number"),
    ("points nan", rule(2, points="NaN"), 2, "points", "no number"),
    ("points empty", rule(2, points=""), 2, "points", "empty"),
    ("points too large", rule(2, points="10000000000"), 2, "points", "too large"),
    ("score min above 0", with_cells("score_definitions.csv", 2, min_points="1"), 2, "min_points",
     "above 0"),
    ("score max below 0", with_cells("score_definitions.csv", 2, max_points="-1"), 2, "max_points",
     "below 0"),
    ("group min above 0", with_cells("score_groups.csv", 3, min_points="0.01"), 3, "min_points",
     "above 0"),
    ("group max below 0", with_cells("score_groups.csv", 3, max_points="-0.01"), 3, "max_points",
     "below 0"),
    ("overlap", rule(4, valid_from="2026-03-31"), 4, "valid_from, valid_to", "overlaps"),
    ("overlap open end", rule(3, valid_to=""), 4, "valid_from, valid_to", "overlaps"),
    ("overlap open start", rule(4, valid_from="", valid_to="2026-02-01"), 4,
     "valid_from, valid_to", "overlaps"),
    ("period reversed", rule(3, valid_to="2025-01-01"), 3, "valid_to", "ends before"),
    ("no day", rule(3, valid_from="2026-13-01"), 3, "valid_from", "no day"),
    ("doubled rule", rule(4, valid_from="2026/1/1"), 4, "rule_id, valid_from", "row 3 already"),
    ("doubled score", with_row("score_definitions.csv", "fit", "", "", "", ""), 4, "score_id",
     "row 2 already"),
    ("doubled condition", with_row(CONDITIONS, "head", "1", "JOB_LEVEL", "equals", "head"), 6,
     "rule_id, alternative, field, operator, value", "row 2 already"),
    ("doubled grade", with_row("grades.csv", "low", "2", "X", "", "", ""), 6,
     "grade_set, fit_band, engagement_band", "row 5 already"),
    ("no lowest band", with_cells("score_bands.csv", 2, min_points="0"), 2, "min_points", "gap"),
    ("two lowest bands", with_cells("score_bands.csv", 3, min_points=""), 3, "min_points",
     "lowest band like"),
    ("same start", with_row("score_bands.csv", "fit", "top", "50.00"), 6, "min_points", "same"),
    ("pair without grade", without_row("grades.csv", 4), 4, "fit_band, engagement_band", "grade"),
    ("no fit score", without_row("score_definitions.csv", 2), None, "score_id", "'fit' is missing"),
    ("no engagement score", without_row("score_definitions.csv", 3), None, "score_id",
     "'engagement' is missing"),
    ("empty id", rule(2, rule_id=""), 2, "rule_id", "empty"),
    ("alternative word", condition(2, alternative="a"), 2, "alternative", "no whole number"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("files", "row", "column", "words"),
    [pytest.param(*case[1:], id=case[0]) for case in BAD],
)
def test_a_bad_rule_names_file_row_column_and_remedy(
    tmp_path: Path, files: dict[str, str], row: int | None, column: str, words: str
) -> None:
    found = problems_of(tmp_path / "rules", files)
    (name,) = files
    matching = [
        problem
        for problem in found
        if (problem.file, problem.row, problem.column) == (f"rules/{name}", row, column)
    ]
    assert matching, [str(problem) for problem in found]
    assert words in matching[0].message
    assert len(matching[0].remedy) > 10
    assert str(tmp_path) not in str(matching[0])


def test_a_long_period_overlaps_with_every_later_one(tmp_path: Path) -> None:
    rule_columns, demo = FILES[RULES].splitlines()[0], FILES[RULES].splitlines()[2]
    periods = ("2026-01-01,2026-12-01", "2026-02-01,2026-03-01", "2026-05-01,")
    rows = [demo.replace("2026-01-01,2026-04-01", period) for period in periods]
    files = {
        RULES: "\n".join([rule_columns, *rows]) + "\n",
        CONDITIONS: "rule_id,alternative,field,operator,value\n",
    }
    found = problems_of(tmp_path / "rules", files)
    assert [problem.row for problem in found] == [3, 4]
    assert all("row 2" in problem.message for problem in found)


def test_a_band_without_grades_names_every_pair(tmp_path: Path) -> None:
    found = problems_of(tmp_path / "rules", with_row("score_bands.csv", "fit", "top", "90"))
    assert [problem.message for problem in found] == [
        "Pairs of bands have no grade in 'main': top with 2, top with 1."
    ]


def test_all_problems_of_all_files_are_collected(tmp_path: Path) -> None:
    files = {**rule(2, points="x", repeat="y"), **condition(3, operator="z", field="nobody")}
    assert [(problem.file, problem.row, problem.column) for problem in
            problems_of(tmp_path / "rules", files)] == [
        ("rules/scoring_rules.csv", 2, "points"),
        ("rules/scoring_rules.csv", 2, "repeat"),
        ("rules/rule_conditions.csv", 3, "operator"),
        ("rules/rule_conditions.csv", 3, "field"),
    ]  # fmt: skip


LEGAL = [
    ("max_count below min_count", rule(5, min_count="3", max_count="2")),
    ("max_count with once", rule(3, max_count="2")),
    ("scores without bands", with_row("score_definitions.csv", "product", "", "", "", "")),
    ("groups without rules", with_row("score_groups.csv", "fit", "empty", "", "", "", "")),
    ("periods in the future", rule(4, valid_from="2030-01-01", valid_to="2031-01-01")),
    ("a gap between periods", rule(3, valid_to="2026-02-01")),
    ("periods out of order", rule(3, valid_from="2027-01-01", valid_to="") |
     {RULES: rule(3, valid_from="2027-01-01", valid_to="")[RULES].replace(
         "2026-04-01,,Demo", "2026-04-01,2027-01-01,Demo")}),
    ("a rule without conditions", {CONDITIONS: "rule_id,alternative,field,operator,value\n"}),
    ("field in capitals", condition(2, field="JOB_LEVEL")),
    ("column of the source", condition(2, field="Plan")),
    ("property of the source", condition(3, field="event.amount")),
    ("lead attribute in an event rule", condition(3, field="age", operator="gte", value="18")),
    ("numbers with exponents", condition(5, value="1e2|.5E3")),
    ("negative bound", condition(5, value="-5|+5.")),
    ("between equal values", condition(5, value="100|1e2")),
    ("days of every form", condition(5, value="R8.4.1|2026年4月2日")),
    ("date-times", condition(5, value="2026-04-01T10:00:00Z|2026-04-01 12:00")),
    ("a single day", condition(5, operator="gte", value="令和8年4月1日")),
    ("within no days", condition(2, operator="within_days", value="0")),
    ("pipe in a pattern", condition(4, value="^/(price|pricing)$")),
    ("pipe in a text", condition(2, value="a||b")),
    ("is_known without value", condition(2, operator="is_known", value="")),
    ("points of two decimals", rule(2, points="-12.50")),
    ("surplus zeros", rule(2, points="5.000")),
    ("spoilt whole numbers", rule(5, min_count="2.0", window_days="30.0")),
    ("percent of ten decimals", rule(3, decay_percent="33.3333333333")),
    ("percent 100", rule(3, decay_percent="100")),
    ("no limits", with_cells("score_groups.csv", 2, min_points="", max_points="")),
    ("limits of 0", with_cells("score_groups.csv", 2, min_points="0", max_points="0")),
    ("words in capitals", rule(3, repeat="Once", decay="LINEAR")),
]  # fmt: skip


@pytest.mark.parametrize("files", [pytest.param(case[1], id=case[0]) for case in LEGAL])
def test_a_legal_oddity_passes(tmp_path: Path, files: dict[str, str]) -> None:
    found = problems_of(tmp_path / "rules", files)
    assert [str(problem) for problem in found] == []


def test_a_score_without_bands_needs_no_grades(tmp_path: Path) -> None:
    files = {"score_bands.csv": "score_id,band,min_points\n"}
    result = check_seeds(load_seeds(SEEDS, write_folder(tmp_path / "rules", files)), KNOWN)
    assert result.problems == ()
    assert any("no bands" in str(notice) for notice in result.notices)


def test_a_motion_may_not_depend_on_the_motion_but_all_else_may(tmp_path: Path) -> None:
    text = "motion,alternative,field,operator,value\npartner,1,Motion,equals,expansion\n"
    (problem,) = problems_of(tmp_path / "rules", {"motion_conditions.csv": text})
    assert (problem.row, problem.column) == (2, "field")
    assert "cannot depend on the motion" in problem.message
    text = "exclusion_id,alternative,field,operator,value\ninternal,1,motion,equals,partner\n"
    assert problems_of(tmp_path / "other", {"exclusion_conditions.csv": text}) == ()
    assert problems_of(tmp_path / "rule", condition(2, field="motion")) == ()


def test_a_list_of_attributes_does_not_let_a_score_depend_on_what_comes_after_it(
    tmp_path: Path,
) -> None:
    attributes = "attribute,kind,value_type\ngrade,measured,text\ndisposition,measured,text\n"
    extra = "head,2,grade,equals,A1\nhead,3,disposition,equals,returned\n"
    files = {"attributes.csv": attributes, CONDITIONS: FILES[CONDITIONS] + extra}
    seeds = load_seeds(SEEDS, write_folder(tmp_path / "rules", files))

    def found(known: KnownFields) -> list[tuple[int | None, str]]:
        problems = check_seeds(seeds, known).problems
        said = [problem for problem in problems if problem.file == f"rules/{CONDITIONS}"]
        return [(problem.row, problem.message) for problem in said if problem.row in (6, 7)]

    from_scores = (6, "'grade' is computed from scores, so no score may depend on it.")
    said_by_sales = (7, "'disposition' is known to the agreement only, and to no score.")
    assert found(KNOWN) == [from_scores, said_by_sales]
    # A column of the leads takes the place of what sales would have said.
    own = KnownFields(KNOWN.lead_fields | {"disposition", "grade"}, KNOWN.event_properties)
    assert found(own) == [from_scores]


@pytest.mark.parametrize("name", ["exclusion_conditions.csv", "motion_conditions.csv"])
def test_other_conditions_are_checked_like_those_of_rules(tmp_path: Path, name: str) -> None:
    owner = {"exclusion_conditions.csv": "exclusion_id", "motion_conditions.csv": "motion"}[name]
    known = {"exclusion_conditions.csv": "internal", "motion_conditions.csv": "partner"}[name]
    text = f"{owner},alternative,field,operator,value\n" + "".join(
        f"{row}\n"
        for row in (
            f"{known},1,grade,equals,A1",
            f"{known},1,disposition,equals,returned",
            f"{known},1,event.page_path,equals,/",
            f"{known},1,nobody,equals,x",
            f"{known},1,employee_count,gt,many",
            f"{known},1,job_title,matches,[",
            "nobody,1,job_title,is_known,",
        )
    )
    found = problems_of(tmp_path / "rules", {name: text})
    assert [(problem.row, problem.column) for problem in found] == [
        (2, "field"),
        (3, "field"),
        (4, "field"),
        (5, "field"),
        (6, "value"),
        (7, "value"),
        (8, owner),
    ]


def test_a_negated_condition_that_leaves_out_unknown_values_is_told_once(tmp_path: Path) -> None:
    extra = "pages,2,event.page_path,not_in,/a|/b\npages,3,event.page_path,not_contains,x\n"
    extra += "pages,5,phone,not_equals,1\npages,6,phone,is_unknown,\npages,7,plan,not_equals,x\n"
    extra += "pages,8,age,not_equals,1\n"
    files = {CONDITIONS: FILES[CONDITIONS] + extra}
    result = check_seeds(load_seeds(SEEDS, write_folder(tmp_path / "rules", files)), KNOWN)
    told = [str(notice) for notice in result.notices if "is unknown" in str(notice)]
    assert len(told) == 1
    assert told[0].startswith("rules/rule_conditions.csv: row 6: 'pages' leaves out")

    files = {
        CONDITIONS: files[CONDITIONS].replace("plan", "phone").replace("age,not", "phone,not")
        + "pages,4,event.page_path,is_unknown,\n"
    }
    result = check_seeds(load_seeds(SEEDS, write_folder(tmp_path / "rules", files)), KNOWN)
    assert not [notice for notice in result.notices if "is unknown" in str(notice)]


def test_a_field_may_be_the_header_that_people_use(tmp_path: Path) -> None:
    seeds = load_seeds(SEEDS, write_folder(tmp_path / "rules", condition(2, field="会社名")))
    assert seeds.tables["rule_conditions"].rows[0].cells["field"] == "company_name"
    assert check_seeds(seeds, KNOWN).problems == ()


def test_days_in_conditions_are_brought_to_one_form(tmp_path: Path) -> None:
    files = condition(5, value="R8.4.1|2026年4月2日")
    seeds = load_seeds(SEEDS, write_folder(tmp_path / "rules", files))
    assert seeds.tables["rule_conditions"].rows[3].cells["value"] == "2026-04-01|2026-04-02"
