"""Kill -9 at random moments of a build: what is served stays complete, the next build ends right.

A build of the day after the served one is killed, with dbt and all, at moments spread over its
run: while it lands, parses, loads seeds, makes models, tests, writes the snapshot, judges it, keeps
its state, and just before and after the swap. A copy of the same working folder is built
undisturbed.

With LAWS_ALL_MOMENTS=1, as `make laws` sets it, eleven moments, else four of them.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from orchestration.lib.publishing.content_hashes import content_hash
from orchestration.lib.publishing.lock import ended_without_a_word, is_locked
from tests.orchestration.building import REPOSITORY, read_rows, write_rows

pytestmark = pytest.mark.law

PERSONS = REPOSITORY / "tests" / "golden" / "test_persons"
RULES = REPOSITORY / "seeds" / "scoring"
FIRST, SECOND = date(2026, 10, 30), date(2026, 10, 31)
TIMEOUT = 1800
ALL_MOMENTS = bool(os.environ.get("LAWS_ALL_MOMENTS"))

# Builds in a process group of its own, and kills the group where it is told to: when dbt or landing
# has come so far (a share of the work of a step), or before the n-th change of a file while
# publishing. What it would have counted is told to who lets it run to its end.
_BUILDER = """
import json, os, signal, sys, threading
from orchestration.lib.builds.build import build
from orchestration.lib.settings import resolve_settings

flags, moment = json.loads(sys.argv[1]), json.loads(sys.argv[2])
CHANGES = {"os.rename", "os.remove", "os.symlink", "os.mkdir", "os.truncate", "shutil.rmtree"}

def die():
    os.killpg(os.getpgid(0), signal.SIGKILL)

class Reporter:
    def __init__(self):
        self.title, self.changes, self.kept, self.swap = "", 0, None, None
        sys.addaudithook(self.audit)

    def step(self, title):
        self.title = title
        self.reach(0.0)

    def advance(self, done, total, what):
        self.reach(done / total if total else 0.5)

    def reach(self, share):
        if moment and moment["step"] in self.title and share >= moment.get("share", 9):
            threading.Timer(moment["delay"], die).start()
            moment["share"] = 9

    def audit(self, event, args):
        if self.title != "Publishing":
            return
        flags = args[2] if event == "open" and isinstance(args[2], int) else 0
        writes = flags & (os.O_WRONLY | os.O_RDWR)
        if writes or event in CHANGES:
            self.changes += 1
            if event == "os.rename" and str(args[1]).endswith("published/current"):
                self.swap = self.changes
            if event == "os.rename" and os.path.basename(os.path.dirname(args[1])) == "runs":
                self.kept = self.kept or self.changes
            if moment and self.changes == moment.get("change"):
                die()

if moment and moment.get("gate"):
    from orchestration.lib.publishing import snapshot

    # The first of the checks of a finished snapshot.
    snapshot.find_defects = lambda *given: die()

reporter = Reporter()
build(resolve_settings(flags), reporter)
print(json.dumps({name: getattr(reporter, name) for name in ("changes", "kept", "swap")}))
"""


@dataclass(frozen=True)
class Moment:
    """When to kill: in a step after a share of its work, at a change of a file, or in the gate."""

    step: str
    share: float | None = None
    change: int | None = None
    delay: float = 0.0
    gate: bool = False

    def to_json(self) -> str:
        given = {"step": self.step, "delay": self.delay, "gate": self.gate}
        given |= {} if self.share is None else {"share": self.share}
        return json.dumps(given | ({} if self.change is None else {"change": self.change}))


def draw_moments(changes: int, kept: int, swap: int) -> list[Moment]:
    """Eleven moments; the first four are those of `make test`.

    The state is kept before the change `kept`, which gives the new run its name; `swap` serves it.
    """
    dice = Random(20261031)
    in_dbt = [
        Moment("dbt", share=low + dice.random() * width, delay=dice.random() / 5)
        for low, width in ((0.25, 0.4), (0.02, 0.1), (0.2, 0.5), (0.85, 0.14))
    ]
    landing = [Moment("Landing", share=0.0, delay=dice.random() / 5)]
    parsing = [Moment("dbt", share=0.0, delay=1 + 3 * dice.random())]
    writing = [Moment("Publishing", change=dice.randint(2, kept - 1))]
    around = [
        Moment("Publishing", change=change) for change in (kept, swap, min(swap + 1, changes))
    ]
    return [
        around[0],
        landing[0],
        in_dbt[0],
        around[2],
        *parsing,
        *in_dbt[1:4],
        around[1],
        *writing,
        Moment("Publishing", gate=True),
    ]


def start_build(
    workdir: Path, raw: Path, as_of: date, moment: Moment | None
) -> subprocess.Popen[str]:
    """Start a build as the leader of a process group."""
    flags = {
        "source": "file",
        "raw_dir": str(raw),
        "rules": str(RULES),
        "as_of": as_of.isoformat(),
        "workdir": str(workdir),
    }
    environment = {name: value for name, value in os.environ.items() if name[:6] != "LEADS_"}
    workdir.mkdir(parents=True, exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-c", _BUILDER, json.dumps(flags), moment.to_json() if moment else "null"],
        cwd=workdir,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def run_to_the_end(workdir: Path, raw: Path, as_of: date) -> dict[str, int]:
    process = start_build(workdir, raw, as_of, None)
    try:
        output, _ = process.communicate(timeout=TIMEOUT)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0, output[-6000:]
    counted: dict[str, int] = json.loads(output.splitlines()[-1])
    return counted


def group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


# --- What is served -------------------------------------------------------------------------------


def served_hashes(workdir: Path) -> dict[str, str]:
    """The content hashes of what is served, each computed again from its file."""
    folder = (workdir / "published" / "current").resolve(strict=True)
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    found = {}
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach '{folder / 'leads.duckdb'}' as served (read_only)")
        for name, mart in manifest["marts"].items():
            connection.execute(f"create table {name} as from '{folder / name}.parquet'")
            columns = [column["name"] for column in mart["columns"]]
            found[name] = content_hash(connection, name, columns)
            assert found[name] == mart["content_hash"], name
            counted = connection.execute(f"select count(*) from served.marts.{name}").fetchone()
            assert counted == (mart["row_count"],), name
    return found


def watch(process: subprocess.Popen[str], workdir: Path) -> None:
    """As long as the build lives, every served run is complete."""
    seen, began = set(), time.monotonic()
    while process.poll() is None:
        if time.monotonic() - began > TIMEOUT:
            os.killpg(process.pid, signal.SIGKILL)
        run = (workdir / "published" / "current").readlink()
        if run not in seen:
            seen.add(run)
            served_hashes(workdir)
        time.sleep(0.02)
    process.communicate()


def leftovers(workdir: Path) -> list[str]:
    """Files and folders that only a killed build leaves."""
    patterns = ("**/.tmp*", "**/*.tmp", "**/*.wal", "**/*.tmp-*", "warehouse/spill", "**/*.new")
    return sorted(
        str(file.relative_to(workdir)) for pattern in patterns for file in workdir.glob(pattern)
    )


def state_rows(workdir: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What the builds of a working folder keep, but for the names of runs."""
    file = workdir / "warehouse" / "state.duckdb"
    if not file.exists():
        return {}
    with duckdb.connect(str(file), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() order by all"
        ).fetchall()
        return {
            name: connection.execute(
                f"select * replace (null as run_id) from {name} order by all"
                if "run_id" in [row[0] for row in connection.execute(f"describe {name}").fetchall()]
                else f"from {name} order by all"
            ).fetchall()
            for (name,) in tables
        }


# --- The law --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Served:
    """A working folder that serves the first day, and what undisturbed builds publish."""

    workdir: Path
    raw: Path
    first: Mapping[str, str]
    second: Mapping[str, str]
    state: Mapping[str, list[tuple[Any, ...]]]
    moments: list[Moment]


def write_raw(raw: Path, day: date) -> None:
    """The test persons; on the second day some of what they did on it stands there too."""
    leads, events = (read_rows(PERSONS / f"{name}.csv") for name in ("leads", "events"))
    if day == SECOND:
        late = [
            row | {"event_id": f"late-{place}", "occurred_at": f"{SECOND}T09:00:00"}
            for place, row in enumerate(events[::5])
        ]
        events = [*events, *late]
        leads[0] = leads[0] | {next(name for name in leads[0] if "title" in name): "代表取締役"}
    write_rows(raw / "leads.csv", list(leads[0]), leads)
    write_rows(raw / "events.csv", list(events[0]), events)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    folder = tmp_path_factory.mktemp("killed")
    raw, workdir, undisturbed = folder / "raw", folder / "served", folder / "undisturbed"
    write_raw(raw, FIRST)
    run_to_the_end(workdir, raw, FIRST)
    first = served_hashes(workdir)
    write_raw(raw, SECOND)
    shutil.copytree(workdir, undisturbed, symlinks=True)
    counted = run_to_the_end(undisturbed, raw, SECOND)
    moments = draw_moments(**counted)
    second = served_hashes(undisturbed)
    return Served(workdir, raw, first, second, state_rows(undisturbed), moments)


def kill_at(served: Served, workdir: Path, moment: Moment) -> None:
    """Kill a build, and look at what is served all the while and afterwards."""
    process = start_build(workdir, served.raw, SECOND, moment)
    watch(process, workdir)
    assert process.returncode == -signal.SIGKILL, f"{moment} was not reached"
    for _ in range(100):
        if not group_lives(process.pid):
            break
        time.sleep(0.05)
    assert not group_lives(process.pid), f"{moment}: something lives on"
    assert not is_locked(workdir / "warehouse" / "build.lock")
    assert ended_without_a_word(workdir / "warehouse" / "build.lock") is not None
    assert served_hashes(workdir) in (served.first, served.second), moment


def end_right(served: Served, workdir: Path) -> None:
    """The next build publishes and keeps what an undisturbed one does."""
    run_to_the_end(workdir, served.raw, SECOND)
    assert ended_without_a_word(workdir / "warehouse" / "build.lock") is None
    assert served_hashes(workdir) == served.second
    state = state_rows(workdir)
    assert state.keys() == served.state.keys()
    for name, rows in served.state.items():
        assert state[name] == rows, name
    assert leftovers(workdir) == []
    for run in (workdir / "published" / "runs").iterdir():
        assert (run / "manifest.json").is_file()


def test_the_second_day_differs(served: Served) -> None:
    assert {name for name in served.first if served.first[name] != served.second[name]} >= {
        "fct_score_ledger",
        "fct_lead_scores",
    }


def test_what_is_served_stays_complete_and_the_next_build_ends_right(
    served: Served, tmp_path: Path
) -> None:
    """Two working folders at a time; in each several builds are killed before one may end."""
    moments = served.moments if ALL_MOMENTS else served.moments[:4]
    chains = [[moment] for moment in moments] if ALL_MOMENTS else [moments[0::2], moments[1::2]]

    def suffer(number: int) -> None:
        workdir = tmp_path / f"work_{number}"
        shutil.copytree(served.workdir, workdir, symlinks=True)
        for moment in chains[number]:
            kill_at(served, workdir, moment)
        end_right(served, workdir)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(suffer, range(len(chains))))
