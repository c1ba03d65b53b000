"""A reader polls what is served, in DuckDB and Parquet, while builds succeed and fail around it.

It opens files by the link and by the folder that the link points to, as BI tools do, and must never
meet an error or a snapshot of which a part is missing or of another build.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from orchestration.lib.failures import RunFailed
from orchestration.lib.publishing import serving
from orchestration.lib.settings import Settings
from tests.orchestration.building import (
    LEADS,
    REPOSITORY,
    read_rows,
    run_leads,
    run_quick_leads,
    shipped_seeds,
    write_rows,
)
from tests.orchestration.hand_made_build import (
    hand_made_settings,
    publish_hand_made,
)

GOOD, FAILING = 20, 5
PERSONS = REPOSITORY / "tests" / "golden" / "test_persons"

# Polls until its input ends, then tells what it saw: how often it looked, the runs, each complaint.
_READER = """
import json, os, select, sys
from pathlib import Path
import duckdb

current = Path(sys.argv[1])
looks, runs, complaints = 0, {}, []

def look():
    folder = current.resolve(strict=True)
    manifest = json.loads((folder / "manifest.json").read_text())
    counts = {name: mart["row_count"] for name, mart in manifest["marts"].items()}
    day = manifest["as_of_date"]
    with duckdb.connect() as connection:
        connection.execute(f"attach '{folder}/leads.duckdb' as served (read_only)")
        tables = {name for (name,) in connection.execute(
            "select table_name from duckdb_tables() where database_name = 'served'").fetchall()}
        if tables != set(counts):
            complaints.append(f"{folder.name}: tables {sorted(tables ^ set(counts))}")
        for name, count in counts.items():
            places = (f"served.marts.{name}", f"'{folder}/{name}.parquet'")
            found = [connection.execute(f"select count(*) from {place}").fetchone()[0]
                     for place in places]
            if found != [count, count]:
                complaints.append(f"{folder.name}: {name} {found} {count}")
        days = connection.execute(
            "select cast(as_of_date as varchar) from served.marts.fct_score_ledger union"
            f" select cast(as_of_date as varchar) from '{folder}/fct_lead_scores.parquet'"
        ).fetchall()
        if days != [(day,)]:
            complaints.append(f"{folder.name}: days {days} instead of {day}")
    runs[folder.name] = counts["dim_leads"]
    # Whoever reads one file needs no look at where the link points to.
    with duckdb.connect(str(current / "leads.duckdb"), read_only=True) as connection:
        one = connection.execute("select count(*) from marts.dim_leads").fetchone()[0]
    with duckdb.connect() as connection:
        other = connection.execute(
            f"select count(*) from '{current}/fct_lead_scores.parquet'").fetchone()[0]
    if not one or not other:
        complaints.append(f"{folder.name}: {one} leads, {other} scores by the link")

print("reading", flush=True)
while not select.select([sys.stdin], [], [], 0.05)[0]:
    try:
        look()
    except Exception as error:
        complaints.append(f"{type(error).__name__}: {error}")
    looks += 1
print(json.dumps([looks, runs, complaints]))
"""


@dataclass
class Seen:
    """What the reader saw: how often it looked, leads by run, what was wrong."""

    looks: int
    runs: dict[str, int]
    complaints: list[str]


@contextmanager
def reader(current: Path, seen: list[Seen]) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-c", _READER, str(current)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "reading\n"
        yield
        output, _ = process.communicate("\n", timeout=60)
        seen.append(Seen(*json.loads(output)))
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return hand_made_settings(tmp_path)


def test_readers_see_complete_snapshots_through_good_and_failing_builds(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def later(minute: int) -> Settings:
        return replace(settings, started_at=settings.started_at + timedelta(minutes=minute))

    leads = [str(lead) for lead in range(1, GOOD + FAILING + 2)]
    served = [publish_hand_made(later(0), leads=leads[:1]).run_id]
    defects = [
        "delete from marts.fct_lead_scores;",
        "drop table marts.fct_lead_grades;",
        "update marts.fct_score_ledger set points = points + 1 where rule_id = 'size';",
    ]

    def fail(broken: pytest.MonkeyPatch, number: int) -> None:
        if number > 15:
            broken.setattr("orchestration.lib.publishing.snapshot._record", _full_disk)
        defect = "" if number > 15 else defects[number % 3]
        publish_hand_made(later(number), leads=leads[: number + 1], extra=defect)

    seen: list[Seen] = []
    with reader(settings.workdir.current, seen):
        for number in range(1, GOOD + FAILING):
            if number % 5 != 4:
                run = publish_hand_made(later(number), leads=leads[: number + 1])
                served.append(run.run_id)
                continue
            with monkeypatch.context() as broken, pytest.raises((RunFailed, OSError)):
                fail(broken, number)
            assert serving.served_run(settings.workdir) == served[-1]
    (saw,) = seen
    assert saw.complaints == []
    assert len(served) == GOOD
    assert set(saw.runs) <= set(served)
    assert saw.looks > len(saw.runs) > GOOD // 2
    for run, leads_seen in saw.runs.items():
        number = int(run[11:13])
        assert leads_seen == number + 1, run


def _full_disk(*_: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.law
def test_readers_see_complete_snapshots_through_builds_of_the_persons(tmp_path: Path) -> None:
    """The same with builds as people run them, each on a little more than the one before."""
    raw, rules, workdir = tmp_path / "raw", tmp_path / "rules", tmp_path / "work"
    workdir.mkdir()
    leads, events = (read_rows(PERSONS / f"{name}.csv") for name in ("leads", "events"))
    scoring = shipped_seeds("scoring")

    def write(number: int, **wrong: Any) -> None:
        more = [row | {"event_id": f"more-{n}"} for n, row in enumerate(events[:number])]
        write_rows(raw / "leads.csv", list(leads[0]), leads)
        write_rows(raw / "events.csv", list(events[0]), [*events, *more])
        for name, rows in scoring.items():
            write_rows(rules / f"{name}.csv", list(rows[0]), rows)
        if "lead_id" in wrong:
            write_rows(raw / "leads.csv", ["name"], [{"name": "x"}])
        if "rule" in wrong:
            broken = [scoring["scoring_rules"][0] | {"points": "many"}]
            write_rows(rules / "scoring_rules.csv", list(broken[0]), broken)

    def build(run: Any, *more: str) -> int:
        done = run(
            *("build", "--source", "file", "--raw-dir", raw, "--rules", rules),
            *("--as-of", date(2026, 10, 30).isoformat(), "--workdir", workdir, *more),
            folder=workdir,
        )
        code: int = done.returncode
        return code

    seen: list[Seen] = []
    write(0)
    assert build(run_quick_leads) == 0
    with reader(workdir / "published" / "current", seen):
        for number in range(1, GOOD + FAILING):
            write(number)
            match number:
                case 4 | 14:
                    write(number, lead_id=None)
                    assert build(run_quick_leads) == 2
                case 9:
                    write(number, rule=None)
                    assert build(run_quick_leads) == 2
                case 19:
                    assert build(run_leads, "--time-limit", "0.1") == 1
                case 24:
                    assert build(_run_and_kill) == -signal.SIGKILL
                case _:
                    assert build(run_quick_leads) == 0
    (saw,) = seen
    assert saw.complaints == []
    assert len(saw.runs) == GOOD


def _run_and_kill(*arguments: str | Path, folder: Path) -> subprocess.Popen[bytes]:
    """Kill the command and its dbt after some seconds."""
    environment = {name: value for name, value in os.environ.items() if name[:6] != "LEADS_"}
    process = subprocess.Popen(
        [*LEADS, *map(str, arguments)],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(8)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return process
