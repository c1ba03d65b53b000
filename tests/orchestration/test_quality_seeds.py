"""Limits on data and plans: what is wrong with them is said with place and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.lib.builds.rules import check_rules
from orchestration.lib.problems import InputError, Problem
from orchestration.lib.settings import Settings, resolve_settings

LIMITS = "limit_id,subject,severity,kind,min_value,max_value,max_value_per_day,min_count"
PLANS = "planned_event_id,first_date,last_date,table_name,expected_rows,expected_factor"


def settings_with(folder: Path, name: str, *lines: str) -> Settings:
    rules, raw = folder / "rules", folder / "raw"
    rules.mkdir()
    raw.mkdir()
    (raw / "leads.csv").write_text("lead_id\n1\n")
    (rules / f"{name}.csv").write_text("\n".join(lines) + "\n")
    flags = {"raw_dir": str(raw), "rules": str(rules), "workdir": str(folder / "work")}
    return resolve_settings({**flags, "source": "file"}, environment={}, folder=folder)


def problem_of(settings: Settings) -> Problem:
    with pytest.raises(InputError) as wrong:
        check_rules(settings)
    (problem,) = wrong.value.problems
    return problem


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ("raw_day_row,all,error,,0.5,,,", "limit_id", "raw_day_rows"),
        ("raw_day_rows,all,fatal,,0.5,,,", "severity", "fatal"),
        ("raw_day_rows,all,error,soft,0.5,,,", "kind", "soft"),
        ("raw_day_rows,all,error,,,,,", "max_value", "limits nothing"),
        ("raw_day_rows,all,error,,2,1,,", "max_value", "below min_value"),
        ("raw_day_rows,all,error,,half,1,,", "min_value", "number"),
        ("raw_day_rows,all,error,,0.5,1,-0.1,", "max_value_per_day", "tighter"),
        ("raw_day_rows,all,error,,0.5,1,,0", "min_count", "below 1"),
        ("raw_day_rows,hubspot.contacts,error,,0.5,1,,", "subject", "hubspot.contact"),
    ],
)
def test_a_wrong_limit_is_refused(tmp_path: Path, line: str, column: str, words: str) -> None:
    problem = problem_of(settings_with(tmp_path, "quality_limits", LIMITS, line))
    assert (problem.file, problem.row) == ("rules/quality_limits.csv", 2)
    assert problem.column == column
    assert words in str(problem)
    assert problem.remedy


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ("fair,2026-06-31,,,10,", "first_date", "2026"),
        ("fair,2026-06-02,2026-06-01,,10,", "last_date", "ends before it begins"),
        ("fair,2026-06-02,,hubspot.contcat,10,", "table_name", "hubspot.contact"),
        ("fair,2026-06-02,,,,", "expected_rows", "how much is expected"),
        ("fair,2026-06-02,,,many,", "expected_rows", "whole number"),
        ("fair,2026-06-02,,,,0", "expected_factor", "not above 0"),
    ],
)
def test_a_wrong_plan_is_refused(tmp_path: Path, line: str, column: str, words: str) -> None:
    problem = problem_of(settings_with(tmp_path, "planned_events", PLANS, line))
    assert (problem.file, problem.row) == ("rules/planned_events.csv", 2)
    assert problem.column == column
    assert words in str(problem)


def test_two_rows_of_one_limit_are_refused(tmp_path: Path) -> None:
    row = "raw_day_rows,all,error,,0.5,1,,"
    problem = problem_of(settings_with(tmp_path, "quality_limits", LIMITS, row, row))
    assert problem.row == 3
    assert "row 2" in str(problem)


def test_a_file_of_limits_takes_the_place_of_single_rows(tmp_path: Path) -> None:
    # As before there were further columns.
    old = ("limit_id,max_value,severity,rationale", "unreadable_event_time_share,0.5,error,Ours.")
    table = check_rules(settings_with(tmp_path, "quality_limits", *old)).seed_set.tables[
        "quality_limits"
    ]
    values = {(row.cells["limit_id"], row.cells["subject"]): row.cells for row in table.rows}
    assert values["unreadable_event_time_share", "all"]["max_value"] == "0.5"
    assert values["raw_day_rows", "all"]["min_value"] == "0.6"
    assert len(values) == len(table.rows)


def test_plans_may_be_empty_and_in_the_days_of_people(tmp_path: Path) -> None:
    check_rules(settings_with(tmp_path, "planned_events", PLANS))
    (tmp_path / "other").mkdir()
    plan = "fair,2026/6/2,令和8年6月3日,hubspot.contact,1500,"
    checked = check_rules(settings_with(tmp_path / "other", "planned_events", PLANS, plan))
    (row,) = checked.seed_set.tables["planned_events"].rows
    assert (row.cells["first_date"], row.cells["last_date"]) == ("2026-06-02", "2026-06-03")
