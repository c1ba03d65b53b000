from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from orchestration.lib.builds.build import transform
from orchestration.lib.builds.dbt_command import dbt_arguments, dbt_environment, dbt_variables
from orchestration.lib.builds.dbt_failures import dbt_failure, failure_sentence, rejection_sentence
from orchestration.lib.builds.dbt_run import DbtFinding, DbtResult, run_dbt
from orchestration.lib.builds.project_folder import prepare_project
from orchestration.lib.builds.redaction import MAX_LENGTH, redact
from orchestration.lib.builds.rejections import Rejection, read_rejections
from orchestration.lib.builds.reporting import SilentReporter
from orchestration.lib.builds.summary import group_notices
from orchestration.lib.failures import RunFailed
from orchestration.lib.problems import InputError, Notice
from orchestration.lib.settings import Settings
from tests.orchestration.hand_made_build import AS_OF, hand_made_settings, write_build


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return hand_made_settings(tmp_path)


class Recorder:
    def __init__(self) -> None:
        self.seen: list[tuple[int, int, str]] = []

    def step(self, title: str) -> None:
        pass

    def advance(self, done: int, total: int, what: str) -> None:
        self.seen.append((done, total, what))


# The dbt command


def test_dbt_gets_the_settings_as_vars(settings: Settings) -> None:
    assert dbt_variables(settings) == {
        "sources": ["file"],
        "sample_percent": 100,
    }
    chosen = replace(settings, sample_percent=12.5, is_timezone_chosen=True, timezone="UTC")
    assert dbt_variables(chosen)["sample_percent"] == 12.5
    assert dbt_variables(chosen)["timezone"] == "UTC"


def test_dbt_arguments(settings: Settings) -> None:
    arguments = dbt_arguments(settings, python="py")
    assert arguments[:4] == ["py", "-m", "dbt.cli.main", "build"]
    given = dict(itertools.pairwise(arguments))
    warehouse = settings.workdir.warehouse
    assert given["--exclude-resource-type"] == "unit_test"
    assert given["--project-dir"] == given["--profiles-dir"] == str(warehouse / "project")
    assert given["--target-path"] == str(warehouse / "target")
    assert given["--log-path"] == str(warehouse / "logs")
    assert given["--log-level-file"] == "none"
    assert given["--log-format"] == "json"
    assert json.loads(given["--vars"]) == dbt_variables(settings)
    assert "--full-refresh" not in arguments
    assert dbt_arguments(replace(settings, full_refresh=True))[-1] == "--full-refresh"
    assert dbt_arguments(settings, selectors=["grades+"])[-2:] == ["--select", "grades+"]


def test_a_pass_over_the_history_builds_what_it_needs(settings: Settings) -> None:
    arguments = dbt_arguments(settings, history_alone=True)
    given = dict(itertools.pairwise(arguments))
    assert given["--select"] == "+path:models/intermediate/history"
    assert "+int_handoffs" in arguments
    assert arguments[-2:] == ["--exclude-resource-type", "test"]
    days = (date(2026, 6, 28), date(2026, 6, 29))
    environment = dbt_environment(settings, {}, days)
    assert environment["LEADS_HISTORY_DAYS"] == "2026-06-28,2026-06-29"


def test_dbt_environment_names_the_build_file_and_no_other_settings(settings: Settings) -> None:
    environment = dbt_environment(settings, {"PATH": "/bin", "DBT_TARGET": "prod"})
    file = settings.workdir.project / environment["LEADS_WAREHOUSE"]
    assert file.resolve() == settings.workdir.database.resolve()
    assert (environment["LEADS_AS_OF"], environment["LEADS_RUN_DATE"]) == (
        "2026-06-30",
        "2026-07-01",
    )
    assert environment["PATH"] == "/bin"
    assert "DBT_TARGET" not in environment


# The project folder


def test_the_project_folder_links_the_repository_and_keeps_seeds_as_files(
    tmp_path: Path,
) -> None:
    root, project = tmp_path / "repository", tmp_path / "work" / "project"
    (root / "models").mkdir(parents=True)
    (root / "dbt_project.yml").touch()
    (root / "seeds" / "scoring").mkdir(parents=True)
    for name in ("grades.csv", "_scoring__seeds.yml", "_scoring__docs.md"):
        (root / "seeds" / "scoring" / name).touch()
    grades = Path("scoring") / "grades.csv"
    seeds = prepare_project(root, project, [grades])
    (seeds / grades).write_text("kept")
    (seeds / "scoring" / "dropped.csv").touch()
    (root / "seeds" / "scoring" / "_scoring__docs.md").unlink()
    assert prepare_project(root, project, [grades]) == seeds
    assert (project / "models").readlink() == root / "models"
    assert {file.name for file in (seeds / "scoring").iterdir()} == {
        "grades.csv",
        "_scoring__seeds.yml",
    }
    assert (seeds / grades).read_text() == "kept"
    assert not (project / "profiles.yml").exists()


# What may be said about an error


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (
            "Conversion Error: Could not convert string 'O'Brien, 03-1234-5678' to INT32\n\n"
            "  LINE 12: cast(phone as int)",
            "Conversion Error: Could not convert string … to INT32",
        ),
        (
            'Constraint Error: Duplicate key "email: taro@example.jp" violates',
            "Constraint Error: Duplicate key … violates",
        ),
        ("Invalid Input Error: broken 'value without end", "Invalid Input Error: broken …"),
        ("Error: taro@example.jp is bad", "Error: … is bad"),
        ("Error: 090-1234-5678 overflows", "Error: … overflows"),
        (
            'Binder Error: Referenced column "emial" not found in FROM clause!',
            'Binder Error: Referenced column "emial" not found in FROM clause!',
        ),
        ("Binder Error: no cast of 'taro' to INT", "Binder Error: no cast of … to INT"),
        (
            "Got 12 results, configured to fail if != 0",
            "Got 12 results, configured to fail if != 0",
        ),
    ],
)
def test_redacted_errors_hold_no_value(message: str, said: str) -> None:
    assert redact(message) == said


def test_redacted_errors_are_short() -> None:
    assert len(redact("word " * 1000)) <= MAX_LENGTH


def finding(**changes: object) -> DbtFinding:
    usual = DbtFinding("t", "test", "Got 3 results", "Every lead has a score.", 3, False)
    return replace(usual, **changes)  # type: ignore[arg-type]


def test_a_test_that_blames_the_input_is_wrong_input() -> None:
    blaming = DbtResult(1, 3, (finding(is_wrong_input=True),), (), ())
    error = dbt_failure(blaming, [Rejection("file", "events", "occurred_at_unreadable", 1204)])
    assert isinstance(error, InputError)
    assert "Every lead has a score." in str(error)
    assert "file events: 1,204 rows not used as they stand (occurred_at_unreadable)." in str(error)
    assert isinstance(dbt_failure(DbtResult(1, 3, (finding(),), (), ())), RunFailed)


def test_sentences_for_people() -> None:
    assert failure_sentence(finding()) == "The test t failed (3 rows): Every lead has a score."
    model = finding(kind="model", detail="Binder Error: x", count=None)
    assert failure_sentence(model) == "The model t failed: Binder Error: x"
    assert rejection_sentence(Rejection("f", "leads", "a_b", 1)) == (
        "f leads: 1 row not used as they stand (a_b)."
    )


def test_notices_are_grouped_by_message() -> None:
    notices = [Notice("odd", "one.csv"), *(Notice("dated", f"{n}.csv") for n in range(5))]
    assert group_notices([*notices, Notice("alone")]) == (
        "0.csv, 1.csv, 2.csv and 2 more: dated",
        "one.csv: odd",
        "alone",
    )


def test_rejections_of_a_build_that_has_none(settings: Settings) -> None:
    assert read_rejections(settings.workdir) == ()
    write_build(settings.workdir)
    assert read_rejections(settings.workdir) == ()
    write_build(
        settings.workdir,
        extra="create table intermediate.int_rejected_rows as"
        " select * from (values ('file', 'events', 'late', 2), ('file', 'events', 'odd', 0))"
        " as rows(source_name, table_name, reason, row_count);",
    )
    assert read_rejections(settings.workdir) == (Rejection("file", "events", "late", 2),)


# dbt itself, on a tiny project

TINY_PROJECT = {
    "dbt_project.yml": "name: tiny\nprofile: lead_scoring\nmodels: {+materialized: table}\n",
    "profiles.yml": """
        lead_scoring:
          target: duckdb
          outputs:
            duckdb: {type: duckdb, path: "{{ env_var('LEADS_WAREHOUSE') }}", threads: 1}
        """,
    "models/good.sql": "select 'taro@example.jp' as email, '{{ env_var(\"LEADS_AS_OF\") }}' as day",
    "models/bad.sql": "select cast(email as integer) as number from {{ ref('good') }}",
    "models/late.sql": "select * from {{ ref('bad') }}",
    "models/models.yml": """
        models:
          - name: good
            columns:
              - name: email
                data_tests:
                  - accepted_values:
                      name: emails_are_known
                      description: Every address is known.
                      arguments: {values: [x]}
                      config: {severity: warn}
        """,
}


@pytest.fixture(scope="module")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[DbtResult, Recorder]:
    settings = hand_made_settings(tmp_path_factory.mktemp("tiny"))
    workdir = settings.workdir
    for name, text in TINY_PROJECT.items():
        file = workdir.project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))
    recorder = Recorder()
    result = run_dbt(
        dbt_arguments(settings),
        dbt_environment(settings, os.environ),
        workdir.project,
        workdir.dbt_target,
        recorder,
    )
    assert workdir.database.is_file()
    assert not (workdir.project / "logs").exists()
    return result, recorder


def test_dbt_failures_are_named_without_values(tiny_run: tuple[DbtResult, Recorder]) -> None:
    result, _ = tiny_run
    assert result.exit_code == 1
    assert [(failure.kind, failure.name) for failure in result.failures] == [("model", "bad")]
    assert "Conversion Error" in result.failures[0].detail
    assert "taro" not in repr(result)


def test_dbt_warnings_carry_their_description(tiny_run: tuple[DbtResult, Recorder]) -> None:
    result, _ = tiny_run
    assert [(warning.name, warning.description, warning.count) for warning in result.warnings] == [
        ("emails_are_known", "Every address is known.", 1)
    ]


def test_dbt_nodes_are_counted(tiny_run: tuple[DbtResult, Recorder]) -> None:
    _, recorder = tiny_run
    assert [(done, total) for done, total, _ in recorder.seen] == [(n, 4) for n in range(1, 5)]
    assert {what for _, _, what in recorder.seen} == {"good", "emails_are_known", "bad", "late"}


def fake_dbt(folder: Path, script: str) -> list[str]:
    file = folder / "fake_dbt.py"
    file.write_text(textwrap.dedent(script))
    return [sys.executable, str(file)]


def test_a_dbt_that_cannot_start_is_told(tmp_path: Path) -> None:
    arguments = fake_dbt(tmp_path, "raise RuntimeError('no profile for taro@example.jp')")
    result = run_dbt(arguments, os.environ, tmp_path, tmp_path / "target", SilentReporter())
    assert result.errors == ("RuntimeError: no profile for …",)
    assert "dbt failed: RuntimeError" in str(dbt_failure(result))


def test_a_killed_dbt_is_told(tmp_path: Path) -> None:
    arguments = fake_dbt(tmp_path, "import os; os.kill(os.getpid(), 9)")
    result = run_dbt(arguments, os.environ, tmp_path, tmp_path / "target", SilentReporter())
    assert "signal 9" in str(dbt_failure(result))


def test_an_error_that_belongs_to_no_node_is_told(tmp_path: Path) -> None:
    event = {
        "info": {"name": "MainEncounteredError", "level": "error", "msg": "Parsing Error\n  a.yml"},
        "data": {},
    }
    arguments = fake_dbt(tmp_path, f"print({json.dumps(event)!r}); raise SystemExit(2)")
    result = run_dbt(arguments, os.environ, tmp_path, tmp_path / "target", SilentReporter())
    assert result.errors == ("Parsing Error a.yml",)


def test_results_of_an_earlier_run_are_not_mistaken_for_this_one(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    old = {"results": [{"unique_id": "model.tiny.old", "status": "error", "message": "old"}]}
    (target / "run_results.json").write_text(json.dumps(old))
    arguments = fake_dbt(tmp_path, "raise SystemExit(2)")
    result = run_dbt(arguments, os.environ, tmp_path, target, SilentReporter())
    assert result.failures == ()


@pytest.fixture
def interrupted_alarm() -> Iterator[None]:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("interrupted_alarm")
def test_an_interrupted_run_ends_its_dbt(tmp_path: Path) -> None:
    arguments = fake_dbt(
        tmp_path,
        """
        import os, time
        open("pid", "w").write(str(os.getpid()))
        time.sleep(60)
        """,
    )
    signal.setitimer(signal.ITIMER_REAL, 1.0)
    with pytest.raises(KeyboardInterrupt):
        run_dbt(arguments, os.environ, tmp_path, tmp_path / "target", SilentReporter())
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_transform_raises_what_dbt_says(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = DbtResult(1, 1, (finding(),), (), ())
    monkeypatch.setattr("orchestration.lib.builds.build.run_dbt", lambda *_: failed)
    with pytest.raises(RunFailed, match="Every lead has a score"):
        transform(settings)


def test_an_orphaned_dbt_keeps_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / "build.lock"
    script = f"""
import os, subprocess, sys
from pathlib import Path
from orchestration.lib.publishing.lock import build_lock
with build_lock(Path({str(lock)!r})) as descriptor:
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3)"], pass_fds=[descriptor])
    os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", script], check=False)
    from orchestration.lib.publishing.lock import is_locked, lock_holder

    assert is_locked(lock)
    assert "its dbt is still at work" in lock_holder(lock)
    deadline = time.monotonic() + 10
    while is_locked(lock) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not is_locked(lock)


def test_days_after_the_run_are_provisional_too(settings: Settings) -> None:
    assert replace(settings, as_of_date=AS_OF + timedelta(days=7)).is_provisional
