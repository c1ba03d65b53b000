"""What a build does about failures: it tries again what passes, ends what takes too long, waits."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from tenacity import wait_none

from orchestration.lib.builds import build as builds
from orchestration.lib.builds import build_file, dbt_attempts
from orchestration.lib.builds.build import transform
from orchestration.lib.builds.build_file import open_build_file
from orchestration.lib.builds.dbt_attempts import passing_cause, run_until_it_stays
from orchestration.lib.builds.dbt_run import DbtFinding, DbtResult, run_dbt
from orchestration.lib.builds.reporting import SilentReporter
from orchestration.lib.builds.time_limit import TimeLimitReached, start_time_limit
from orchestration.lib.failures import RunFailed
from orchestration.lib.publishing.lock import (
    AnotherBuildRuns,
    build_lock,
    ended_without_a_word,
    is_locked,
    lock_holder,
)
from orchestration.lib.settings import Settings
from tests.orchestration.building import REPOSITORY, run_leads
from tests.orchestration.hand_made_build import hand_made_settings

LOCKED = "IO Error: Could not set lock on file …: Conflicting lock is held in … (PID …). See also …"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return hand_made_settings(tmp_path)


class Titles(SilentReporter):
    def __init__(self) -> None:
        self.titles: list[str] = []

    def step(self, title: str) -> None:
        self.titles.append(title)


def failed(name: str = "a", detail: str = "Binder Error: no column", **other: object) -> DbtFinding:
    given = {"kind": "model", "description": "", "count": None, "is_wrong_input": False}
    return DbtFinding(name=name, detail=detail, **(given | other))  # type: ignore[arg-type]


GOOD = DbtResult(0, 3, (), (), ())
KILLED = DbtResult(-9, 1, (), (), ("dbt was ended by signal 9 (9 often means: out of memory).",))
UNLOCKED = DbtResult(2, 0, (), (), (LOCKED,))
WRONG = DbtResult(1, 3, (failed(),), (), ())


# dbt again


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dbt_attempts, "_wait", wait_none())


def runs(*results: DbtResult) -> tuple[Callable[[], DbtResult], list[DbtResult]]:
    left = list(results)
    return lambda: left.pop(0), left


@pytest.mark.usefixtures("quick")
def test_a_crash_is_followed_by_another_run_and_told() -> None:
    run, left = runs(KILLED, UNLOCKED, GOOD)
    reporter = Titles()
    result = run_until_it_stays(run, reporter)
    assert (result.exit_code, left) == (0, [])
    assert result.crashes[0] == "dbt was ended by SIGKILL"
    assert result.crashes[1].startswith("dbt lost its database (IO Error: Could not set lock")
    assert [title[-8:] for title in reporter.titles] == ["(2 of 3)", "(3 of 3)"]


@pytest.mark.usefixtures("quick")
def test_what_stays_wrong_stays_failed() -> None:
    run, left = runs(KILLED, KILLED, KILLED, GOOD)
    assert run_until_it_stays(run, SilentReporter()).exit_code == -9
    assert left == [GOOD]
    run, left = runs(KILLED, WRONG, GOOD)
    assert run_until_it_stays(run, SilentReporter()).failures == WRONG.failures
    assert left == [GOOD]


@pytest.mark.parametrize(
    "result",
    [
        GOOD,
        WRONG,
        replace(WRONG, failures=(failed(detail=LOCKED), failed("b"))),
        replace(WRONG, failures=(failed(kind="test", detail=LOCKED, count=3),)),
        replace(UNLOCKED, errors=("Parsing Error in a.yml",)),
        replace(UNLOCKED, errors=(LOCKED, "Parsing Error in a.yml")),
        DbtResult(2, 0, (), (), ()),
        # Somebody told dbt to end.
        DbtResult(-15, 0, (), (), ("dbt was ended by signal 15.",)),
        DbtResult(-2, 0, (), (), ()),
    ],
)
def test_what_would_fail_again_is_not_run_again(result: DbtResult) -> None:
    assert passing_cause(result) is None


@pytest.mark.parametrize(
    "result",
    [
        KILLED,
        DbtResult(-11, 0, (), (), ()),
        UNLOCKED,
        replace(WRONG, failures=(failed(detail=LOCKED), failed("b", detail=LOCKED))),
        replace(WRONG, failures=(failed(detail="server closed the connection unexpectedly"),)),
    ],
)
def test_what_passes_is_run_again(result: DbtResult) -> None:
    assert passing_cause(result)


@pytest.mark.usefixtures("quick")
def test_a_build_runs_dbt_again_and_says_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, left = runs(KILLED, GOOD)
    monkeypatch.setattr(builds, "run_dbt", lambda *_: run())
    monkeypatch.setattr(builds, "remember_finished_run", lambda *given: given[-1])
    assert transform(settings).crashes == ("dbt was ended by SIGKILL",)
    assert left == []
    run, left = runs(WRONG, GOOD)
    with pytest.raises(RunFailed, match="Binder Error"):
        transform(settings)
    assert left == [GOOD]


def test_what_dbt_wrote_of_its_run_holds_no_value(tmp_path: Path) -> None:
    message = "Runtime Error in model a (models/a.sql)\n  Could not convert string 'taro@x.jp'"
    results = [
        {"unique_id": "model.p.a", "status": "error", "message": message},
        {"unique_id": "model.p.b", "status": "success", "message": "OK"},
    ]
    script = f"""
        import json
        json.dump({{"results": {results!r}}}, open("target/run_results.json", "w"))
        raise SystemExit(1)
    """
    result = run_dbt(
        fake_dbt(tmp_path, script), os.environ, tmp_path, tmp_path / "target", Titles()
    )
    text = (tmp_path / "target" / "run_results.json").read_text()
    assert "taro" not in text
    assert [item["message"] for item in json.loads(text)["results"]] == [
        "Could not convert string …",
        "OK",
    ]
    assert result.failures[0].detail == "Could not convert string …"
    assert [file.name for file in (tmp_path / "target").iterdir()] == ["run_results.json"]


def fake_dbt(folder: Path, script: str) -> list[str]:
    file = folder / "fake_dbt.py"
    file.write_text(textwrap.dedent(script))
    return [sys.executable, str(file)]


# The time limit


def test_a_dbt_that_takes_too_long_is_ended_by_its_id(tmp_path: Path) -> None:
    script = """
        import os, time
        open("pid", "w").write(str(os.getpid()))
        time.sleep(60)
    """
    began = time.monotonic()
    limit = start_time_limit(1.0 / 60)
    with pytest.raises(TimeLimitReached) as raised:
        run_dbt(
            fake_dbt(tmp_path, script), os.environ, tmp_path, tmp_path / "t", Titles(), (), limit
        )
    assert time.monotonic() - began < 20
    process = int((tmp_path / "pid").read_text())
    assert f"dbt (process {process}) was ended." in str(raised.value)
    assert "limit of 0.0166667 minutes" in str(raised.value)
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_a_dbt_that_speaks_beyond_its_time_is_ended_too(tmp_path: Path) -> None:
    script = """
        import json, time
        node = {"info": {"name": "LogModelResult"}, "data": {"node_info": {"node_name": "a"}}}
        while True:
            print(json.dumps(node), flush=True)
            time.sleep(0.01)
    """
    # The reporter minds the limit before the timer does.
    clock = builds.StepClock(SilentReporter())
    clock.limit = start_time_limit(0.0)
    limit = replace(clock.limit, minutes=1.0)
    with pytest.raises(TimeLimitReached) as raised:
        run_dbt(fake_dbt(tmp_path, script), os.environ, tmp_path, tmp_path / "t", clock, (), limit)
    assert "limit of 0 minutes" in str(raised.value)


def test_a_dbt_that_is_done_in_time_is_not_ended(tmp_path: Path) -> None:
    result = run_dbt(
        fake_dbt(tmp_path, "pass"),
        os.environ,
        tmp_path,
        tmp_path / "t",
        Titles(),
        (),
        start_time_limit(1.0),
    )
    assert result.exit_code == 0
    timers = [item for item in threading.enumerate() if isinstance(item, threading.Timer)]
    assert all(timer.finished.is_set() for timer in timers)


def test_between_steps_a_build_minds_its_limit() -> None:
    clock = builds.StepClock(SilentReporter())
    clock.step("Landing the files")
    clock.limit = start_time_limit(0.0)
    with pytest.raises(TimeLimitReached):
        clock.step("Building and testing with dbt")
    with pytest.raises(TimeLimitReached):
        clock.advance(1, 2, "leads")


# One build at a time


_HOLD = """
import sys, time
from pathlib import Path
from orchestration.lib.publishing.lock import build_lock
sys.argv = ["/usr/bin/leads", "build", "--raw-dir", "/taro"]
with build_lock(Path(sys.stdin.readline().strip())):
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def held_elsewhere(file: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(f"{file}\n")
        process.stdin.flush()
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_the_message_names_the_holder(tmp_path: Path) -> None:
    file = tmp_path / "build.lock"
    with held_elsewhere(file) as process:
        with pytest.raises(AnotherBuildRuns) as raised, build_lock(file):
            pass
        said = str(raised.value)
        assert f"(process {process.pid}, started 20" in said
        assert f" by {os.environ.get('USER') or ''}" in said
        assert f" on {os.uname().nodename}: leads build)." in said
        assert "taro" not in said
        assert "--wait SECONDS" in said


def test_a_build_waits_as_long_as_it_is_told(tmp_path: Path) -> None:
    file = tmp_path / "build.lock"
    said: list[str] = []
    with held_elsewhere(file) as process:
        began = time.monotonic()
        with pytest.raises(AnotherBuildRuns, match="still after 1 s"), build_lock(file, 1.0):
            pass
        assert 1.0 <= time.monotonic() - began < 5
        threading.Timer(1.0, process.stdin.close if process.stdin else print).start()
        with build_lock(file, 60.0, said.append):
            assert lock_holder(file).startswith(f"process {os.getpid()}, ")
    assert len(said) == 1
    assert said[0].startswith(f"Waiting for another build (process {process.pid}, ")


def test_whoever_ended_in_order_leaves_no_name(tmp_path: Path) -> None:
    file = tmp_path / "build.lock"
    assert ended_without_a_word(file) is None
    with build_lock(file):
        assert ended_without_a_word(file) is None
    assert ended_without_a_word(file) is None
    with pytest.raises(ValueError, match="x"), build_lock(file):
        raise ValueError("x")
    assert ended_without_a_word(file) is None
    with held_elsewhere(file) as process:
        process.kill()
        process.wait()
        holder = ended_without_a_word(file)
        assert holder is not None
        assert holder.process == process.pid
    with build_lock(file):
        pass
    assert not is_locked(file)
    assert ended_without_a_word(file) is None


def test_a_look_at_the_lock_turns_no_build_away(tmp_path: Path) -> None:
    file = tmp_path / "build.lock"
    looking = os.open(file, os.O_RDWR | os.O_CREAT)
    fcntl.flock(looking, fcntl.LOCK_EX)
    timer = threading.Timer(0.05, os.close, [looking])
    timer.start()
    with build_lock(file):
        timer.join()


def test_a_build_file_that_is_open_for_a_moment_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = [duckdb.IOException("IO Error: Could not set lock on file"), None]
    monkeypatch.setattr(build_file.duckdb, "connect", lambda _: refuse(refusals.pop(0)))
    open_build_file(tmp_path / "leads.duckdb")
    assert refusals == []
    monkeypatch.setattr(build_file, "PATIENCE_SECONDS", 0.1)
    refusals[:] = [duckdb.IOException("IO Error: Could not set lock on file")] * 9
    with pytest.raises(RunFailed, match="Another program has the build file"):
        open_build_file(tmp_path / "leads.duckdb")
    refusals[:] = [duckdb.IOException("IO Error: No space left on device")]
    with pytest.raises(duckdb.IOException, match="No space"):
        open_build_file(tmp_path / "leads.duckdb")


def refuse(error: Exception | None) -> None:
    if error is not None:
        raise error


def test_the_command_says_who_is_at_work(tmp_path: Path) -> None:
    file = tmp_path / "warehouse" / "build.lock"
    file.parent.mkdir()
    with held_elsewhere(file) as process:
        done = run_leads("build", "--workdir", tmp_path, "--wait", "0.5", folder=tmp_path)
    assert done.returncode == 1
    assert f"Another build runs in this working folder (process {process.pid}, " in done.stderr
    assert "still after" in done.stderr
    refused = run_leads("build", "--wait", "soon", "--time-limit", "-1", folder=tmp_path)
    assert refused.returncode == 2
    assert "flag --wait: this is no number of seconds." in refused.stderr
    assert "flag --time-limit: this is no number of minutes." in refused.stderr
