from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from rich.console import Console
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.commands.summary_page import print_summary
from orchestration.lib.builds.build import BuildResult
from orchestration.lib.builds.history_news import HistoryNews
from orchestration.lib.builds.rejections import Rejection
from orchestration.lib.builds.summary import summarize
from orchestration.lib.problems import Notice
from orchestration.lib.publishing.lock import build_lock
from orchestration.lib.publishing.serving import served_run
from orchestration.lib.settings import PROJECT_ROOT, Settings
from tests.orchestration.hand_made_build import (
    NOW,
    hand_made_settings,
    publish_hand_made,
)


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("LEADS_"):
            monkeypatch.delenv(name)
    # A leads.toml here hides one that a developer keeps in the repository.
    (tmp_path / "leads.toml").touch()
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return hand_made_settings(tmp_path)


@pytest.fixture
def raw_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "leads_here"
    folder.mkdir()
    (folder / "leads.csv").write_text("lead_id,company,seats\n1,Company 1,12\n")
    return folder


def leads(*arguments: str | Path) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def run_python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT)},
    )


def answer(result: Any) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(result.stdout)
    return content


# How commands end


def test_nothing_heavy_is_loaded_before_a_command_needs_it() -> None:
    code = (
        "import sys, orchestration.cli; "
        "print([m for m in ('duckdb', 'dbt', 'openpyxl', 'yaml', 'rich.progress') "
        "if m in sys.modules])"
    )
    done = run_python("-c", code)
    assert done.stdout.strip() == "[]"


def test_without_a_command_the_commands_are_listed() -> None:
    result = leads()
    for command in ("build", "check", "seeds", "restore", "doctor"):
        assert command in result.output


def test_wrong_input_ends_with_2_and_one_line_a_problem(tmp_path: Path) -> None:
    result = leads("build", "--raw-dir", "missing", "--as-of", "yesterday", "--sample", "200")
    assert result.exit_code == 2
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("flag --raw-dir: the folder")
    assert "YYYY-MM-DD" in lines[1]


def test_wrong_input_as_json() -> None:
    result = leads("build", "--as-of", "yesterday", "--json")
    assert result.exit_code == 2
    content = answer(result)
    assert content["ok"] is False
    assert content["problems"][0]["remedy"] == "Write it as YYYY-MM-DD."


def test_an_unknown_option_ends_with_2() -> None:
    assert leads("build", "--rawdir", "x").exit_code == 2


def test_an_unexpected_error_shows_neither_traceback_nor_values(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("cannot read 'taro@example.jp'")

    monkeypatch.setattr("orchestration.lib.settings.resolve_settings", fail)
    result = leads("check")
    assert result.exit_code == 1
    assert "Unexpected ValueError at orchestration/test_cli.py" in result.stderr
    assert "Traceback" not in result.output
    assert "taro" not in result.output


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No space left on device", "somewhere"), "No space left on device"),
        (duckdb.OutOfMemoryException("Out of Memory Error: no block"), "Out of Memory Error"),
    ],
)
def test_a_machine_at_its_limit_is_told_so(
    error: Exception, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("orchestration.lib.settings.resolve_settings", fail)
    result = leads("check")
    assert result.exit_code == 1
    assert said in result.stderr
    assert "Unexpected" not in result.stderr


def test_an_interruption_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("orchestration.lib.settings.resolve_settings", interrupt)
    assert leads("check").exit_code == 130


# build


def test_a_second_build_says_who_holds_the_lock(raw_dir: Path, tmp_path: Path) -> None:
    with build_lock(tmp_path / "work" / "warehouse" / "build.lock"):
        result = leads("build", "--raw-dir", raw_dir, "--workdir", "work")
    assert result.exit_code == 1
    assert f"process {os.getpid()}" in result.stderr


def test_a_replay_in_the_same_workdir_is_refused(settings: Settings) -> None:
    served = publish_hand_made(settings).run_id
    settings.raw_dir.mkdir(parents=True, exist_ok=True)
    (settings.raw_dir / "leads.csv").write_text("lead_id\n1\n", encoding="utf-8")
    arguments = ("--raw-dir", settings.raw_dir, "--workdir", settings.workdir.root)
    result = leads("build", *arguments, "--as-of", "2026-06-01")
    assert result.exit_code == 2
    assert "Use another --workdir for a replay." in result.stderr
    assert served_run(settings.workdir) == served


def test_a_wrong_rule_stops_the_build_before_anything_is_written(
    raw_dir: Path, tmp_path: Path
) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "score_bands.csv").write_text("score_id,band,min_points\nnowhere,A,5\n")
    result = leads("build", "--raw-dir", raw_dir, "--rules", rules, "--workdir", "work")
    assert result.exit_code == 2
    assert "rules/score_bands.csv, row 2" in result.stderr
    assert not (tmp_path / "work" / "warehouse" / "leads.duckdb").exists()
    assert not (tmp_path / "work" / "published").exists()


@pytest.fixture
def finished(settings: Settings) -> BuildResult:
    manifest = publish_hand_made(
        settings,
        leads=tuple(str(number) for number in range(1, 13)),
        extra="update marts.fct_lead_scores set priority = 2, grade = 'B1' where lead_id <> '12';",
    )
    return BuildResult(
        manifest,
        settings.workdir.runs / manifest.run_id,
        (),
        (Notice("read as CP932.", "leads.csv"),),
        (Rejection("file", "events", "lead_unknown", 7),),
        HistoryNews(2, date(2026, 6, 29), 0, 1, 1, 0),
        {"Landing": 61.0},
    )


def test_the_summary_holds_grades_leads_reasons_and_notices(finished: BuildResult) -> None:
    summary = summarize(finished, "ja")
    assert [(grade.grade, grade.leads) for grade in summary.grades] == [("A1", 1), ("B1", 11)]
    assert [lead.lead_id for lead in summary.hottest[:4]] == ["12", "1", "10", "11"]
    assert len(summary.hottest) == 10
    assert summary.hottest[0].reasons == ("規模が合う",)
    assert summary.scored_leads == summary.leads == 12
    content = json.loads(json.dumps(summary.to_json()))
    assert content["hottest"][0]["fit_score"] == "10.00"
    assert content["notices"] == ["leads.csv: read as CP932."]
    assert content["history"]["first_date"] == "2026-06-29"


def test_the_summary_page_is_for_a_person(settings: Settings, finished: BuildResult) -> None:
    page = io.StringIO()
    print_summary(settings, finished, summarize(finished, "en"), Console(file=page, width=120))
    text = page.getvalue()
    for part in (
        "12 leads scored as of 2026-06-30, 36 ledger lines",
        "Scores of 2 days since 2026-06-29 are recorded; 1 lead has another grade",
        "91.7%",
        "█",
        "Company 12",
        "Right size",
        "file events: 7 rows not used as they stand (lead_unknown).",
        "leads.csv: read as CP932.",
        "published/current",
        "leads explain 12",
    ):
        assert part in text
    assert "@" not in text


# check


def test_check_accepts_the_shipped_rules_quickly() -> None:
    began = time.monotonic()
    done = run_python("-m", "orchestration.cli", "check", "--json")
    seconds = time.monotonic() - began
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ok"] is True
    # The promise is two seconds on a quiet machine; tests share theirs.
    assert seconds < 6


def test_check_judges_a_rules_folder(raw_dir: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(PROJECT_ROOT / "seeds" / "scoring", rules)
    conditions = rules / "rule_conditions.csv"
    text = conditions.read_text(encoding="utf-8")
    conditions.write_text(text + "no_such_rule,1,seats,gt,1\n", encoding="utf-8")
    result = leads("check", "--raw-dir", raw_dir, "--rules", rules)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"rules/rule_conditions.csv, row {text.count(chr(10)) + 1}")
    assert "Traceback" not in result.output


# seeds


def test_a_workbook_goes_out_and_comes_back(raw_dir: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    shutil.copy(PROJECT_ROOT / "seeds" / "scoring" / "grades.csv", rules)
    where = ("--raw-dir", raw_dir, "--rules", rules)
    assert leads("seeds", "--to-xlsx", "seeds.xlsx", *where).exit_code == 0
    result = leads("seeds", "--from-xlsx", "seeds.xlsx", *where, "--json")
    assert result.exit_code == 0, result.stderr
    assert answer(result) == {"ok": True, "changed": []}
    assert [file.name for file in rules.iterdir()] == ["grades.csv"]


def test_seeds_wants_one_direction_and_a_workbook() -> None:
    assert leads("seeds").exit_code == 2
    assert leads("seeds", "--to-xlsx", "a.xlsx", "--from-xlsx", "b.xlsx").exit_code == 2
    assert leads("seeds", "--to-xlsx", "a.csv").exit_code == 2
    assert leads("seeds", "--from-xlsx", "missing.xlsx").exit_code == 2


# restore


def test_restore_serves_an_earlier_run(settings: Settings) -> None:
    from dataclasses import replace

    first = publish_hand_made(settings).run_id
    second = publish_hand_made(replace(settings, started_at=NOW + timedelta(hours=1))).run_id
    place = ("--workdir", settings.workdir.root)
    result = leads("restore", "previous", *place)
    assert result.exit_code == 0
    assert f"Now served: {first}, as of 2026-06-30, 3 leads." in result.stdout
    assert answer(leads("restore", second, *place, "--json")) == {
        "ok": True,
        "served": second,
        "before": first,
    }
    unknown = leads("restore", "2024", *place)
    assert unknown.exit_code == 2
    assert first in unknown.stderr


# doctor


def test_doctor_tells_settings_with_their_origin_and_what_to_do(
    raw_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADS_RAW_DIR", str(raw_dir))
    monkeypatch.setenv("LEADS_RAWDIR", "x")
    result = leads("doctor", "--workdir", tmp_path / "work", "--json")
    content = answer(result)
    assert content["settings"]["raw_dir"] == {
        "value": str(raw_dir),
        "from": "variable LEADS_RAW_DIR",
    }
    findings = {(finding["topic"], finding["status"]) for finding in content["findings"]}
    assert ("settings", "notice") in findings
    assert ("published", "notice") in findings
    assert ("source", "ok") in findings
    assert ("rules", "ok") in findings
    assert result.exit_code == 0


def test_doctor_ends_with_1_if_something_would_stop_a_build(raw_dir: Path, tmp_path: Path) -> None:
    (raw_dir / "leads.csv").write_text("name\nx\n")
    result = leads("doctor", "--raw-dir", raw_dir, "--workdir", tmp_path / "work")
    assert result.exit_code == 1
    assert "✗" in result.stdout
    assert leads("doctor", "--raw-dir", "missing").exit_code == 1


TWO_EXPORTS = """\
syncs:
  {name}:
    model: sync_hubspot__contacts
    destination: hubspot
    object: contacts
    match_key: record_id
    mode: update_only
    fields: [grade]
  companies:
    model: sync_hubspot__companies
    destination: hubspot
    object: companies
    match_key: record_id
    mode: update_only
    fields: [grade]
  chat:
    enabled: {chat}
    model: sync_webhook__handoffs
    destination: webhook
    object: handoffs
    webhook: {{url_variable: LEADS_WEBHOOK_URL, secret_variable: LEADS_WEBHOOK_SECRET}}
    fields: [grade]
  queue:
    model: sync_file__sales_queue
    destination: file
    object: queue
    file: {{format: csv}}
    fields: [grade]
"""


def test_doctor_says_what_enabled_exports_lack_and_shows_no_secret(
    raw_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports = tmp_path / "team.yml"
    monkeypatch.setenv("LEADS_EXPORTS", str(exports))
    place = ("--raw-dir", raw_dir, "--workdir", tmp_path / "work")

    def found(chat: str = "false", name: str = "contacts") -> tuple[int, list[tuple[str, ...]]]:
        exports.write_text(TWO_EXPORTS.format(chat=chat, name=name), encoding="utf-8")
        result = leads("doctor", *place, "--json")
        assert "secret-" not in result.output
        findings = json.loads(result.stdout)["findings"]
        return result.exit_code, [
            (each["status"], each["message"], each["remedy"])
            for each in findings
            if each["topic"] == "exports"
        ]

    code, ((status, message, remedy),) = found()
    # One account is one finding, whatever the number of entries that need it.
    assert (code, status) == (1, "problem")
    assert message == (
        "team.yml, entries contacts, companies: variable LEADS_HUBSPOT_TOKEN: it is not set."
    )
    assert "token" in remedy
    monkeypatch.setenv("LEADS_HUBSPOT_TOKEN", "secret-hubspot")
    assert found() == (
        0,
        [
            (
                "ok",
                "3 of 4 entries of team.yml are enabled: contacts (hubspot), companies (hubspot),"
                " queue (file)",
                "",
            )
        ],
    )
    monkeypatch.setenv("LEADS_WEBHOOK_URL", "https://chat.example/secret-room")
    monkeypatch.setenv("LEADS_WEBHOOK_SECRET", "secret-key")
    code, ((status, message, _),) = found(chat="true")
    assert (code, status) == (1, "problem")
    assert message == (
        "team.yml, entry chat: variable LEADS_WEBHOOK_SECRET: this is no secret of Standard"
        " Webhooks."
    )
    # What is wrong with the file itself.
    code, ((status, message, _),) = found(name="companies")
    assert (code, status) == (1, "problem")
    assert message.startswith("team.yml, row 9: This is no valid YAML: 'companies' stands twice")
