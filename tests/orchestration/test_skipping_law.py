"""Builds that skip what did not change end as a build from nothing does."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.builds import build as builds
from orchestration.lib.builds.build import BuildResult, build
from orchestration.lib.builds.history_days import history_days
from orchestration.lib.builds.needed_nodes import find_needed_nodes
from orchestration.lib.builds.reporting import SilentReporter
from orchestration.lib.builds.summary import summarize
from orchestration.lib.publishing.lock import is_locked
from orchestration.lib.settings import Settings, resolve_settings
from tests.orchestration.building import REPOSITORY, read_rows, write_rows
from tests.orchestration.untested_builds import without_tests

pytestmark = pytest.mark.law

PERSONS = REPOSITORY / "tests" / "golden" / "test_persons"
# What goes on in the world; how it goes on is drawn from this.
CHANCE = 20261030


@dataclass
class World:
    """Raw files and rules, and what a build of them is asked for."""

    folder: Path
    chance: random.Random = field(default_factory=lambda: random.Random(CHANCE))
    as_of: date = date(2026, 10, 30)
    variables: dict[str, object] = field(default_factory=dict)

    @property
    def raw(self) -> Path:
        return self.folder / "raw"

    @property
    def rules(self) -> Path:
        return self.folder / "rules"

    def settings(self, workdir: Path, **flags: object) -> Settings:
        settings = resolve_settings(
            {
                "source": "file",
                "raw_dir": str(self.raw),
                "rules": str(self.rules),
                "workdir": str(workdir),
                "as_of": self.as_of.isoformat(),
                **flags,
            },
            environment={},
            folder=self.folder,
        )
        return replace(settings, variables=self.variables)

    def edit(self, file: Path, change: Callable[[list[dict[str, str]]], None]) -> None:
        rows = read_rows(file)
        columns = list(rows[0])
        change(rows)
        write_rows(file, columns, rows)

    # What may happen between two builds.

    def lead_arrives(self) -> None:
        def add(rows: list[dict[str, str]]) -> None:
            rows.append({**self.chance.choice(rows), "lead_id": f"new {len(rows)}"})

        self.edit(self.raw / "leads.csv", add)

    def events_arrive(self) -> None:
        def add(rows: list[dict[str, str]]) -> None:
            for number, row in enumerate(self.chance.sample(rows, 5)):
                late = self.as_of - timedelta(days=self.chance.randrange(12))
                rows.append(
                    {**row, "event_id": f"n{len(rows)}", "occurred_at": f"{late}T0{number}:00:00Z"}
                )
            rows.append(dict(self.chance.choice(rows)))

        self.edit(self.raw / "events.csv", add)

    def file_goes(self) -> None:
        (self.raw / "outcomes.csv").unlink()

    def weight_changes(self) -> None:
        def change(rows: list[dict[str, str]]) -> None:
            row = self.chance.choice([row for row in rows if row["rule_id"][:9] == "fit_level"])
            row["points"] = str(int(row["points"]) + 1)

        self.edit(self.rules / "scoring_rules.csv", change)

    def condition_changes(self) -> None:
        def change(rows: list[dict[str, str]]) -> None:
            row = next(row for row in rows if row["rule_id"] == "fit_size_30_99")
            row["value"] = "20|99"

        self.edit(self.rules / "rule_conditions.csv", change)

    def day_passes(self) -> None:
        self.as_of += timedelta(days=self.chance.choice((1, 2)))

    def var_changes(self) -> None:
        self.variables = {"fiscal_year_start_month": 1}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(builds, "dbt_arguments", without_tests)
    made = World(tmp_path)
    made.raw.mkdir()
    made.rules.mkdir()
    for name in ("leads.csv", "events.csv"):
        shutil.copy(PERSONS / name, made.raw)
    leads = [row["lead_id"] for row in read_rows(PERSONS / "leads.csv")]
    outcomes = [{"lead_id": lead, "outcome": "won"} for lead in leads[:3]]
    write_rows(made.raw / "outcomes.csv", ["lead_id", "outcome"], outcomes)
    for name in ("scoring_rules.csv", "rule_conditions.csv"):
        shutil.copy(REPOSITORY / "seeds" / "scoring" / name, made.rules)
    return made


def what_ran(settings: Settings) -> dict[str, str]:
    """What the last dbt run said of each model and seed it looked at."""
    file = settings.workdir.dbt_target / "run_results.json"
    results = json.loads(file.read_text(encoding="utf-8"))["results"]
    return {
        result["unique_id"].split(".")[2]: result["message"]
        for result in results
        if result["unique_id"].startswith(("model.", "seed."))
    }


def hashes(result: BuildResult) -> dict[str, str]:
    return {name: mart.content_hash for name, mart in result.manifest.marts.items()}


def test_a_chain_of_builds_ends_as_a_build_from_nothing(world: World) -> None:
    workdir = world.folder / "chain"
    first = build(world.settings(workdir))
    everything = what_ran(world.settings(workdir))
    assert "UNCHANGED" not in everything.values()

    # A day on which much happens, and a build that is killed in the middle of it.
    happened = [
        world.lead_arrives,
        world.events_arrive,
        world.weight_changes,
        world.condition_changes,
    ]
    world.chance.shuffle(happened)
    for happen in happened:
        happen()
    kill_a_build(world, workdir)
    happened = [world.file_goes, world.day_passes, world.var_changes, world.events_arrive]
    world.chance.shuffle(happened)
    for happen in happened:
        happen()
    second = build(world.settings(workdir))
    said = what_ran(world.settings(workdir))
    assert said.keys() == everything.keys()
    assert 20 < list(said.values()).count("UNCHANGED") < len(said)
    assert hashes(second) != hashes(first)

    # A weight alone: dbt looks at what reads it, and at nothing else.
    world.weight_changes()
    third = build(world.settings(workdir))
    said = what_ran(world.settings(workdir))
    assert "scoring_rules" in said
    assert "stg_file__leads" not in said
    assert len(said) < len(everything)
    assert hashes(third)["fct_score_ledger"] != hashes(second)["fct_score_ledger"]
    assert hashes(third)["dim_dates"] == hashes(second)["dim_dates"]

    # Nothing at all, once the history has been told of the last day published.
    build(world.settings(workdir))
    results = world.settings(workdir).workdir.dbt_target / "run_results.json"
    results.unlink()
    fourth = build(world.settings(workdir))
    assert not results.exists()
    assert hashes(fourth) == hashes(third)

    refuses_to_trust_what_changed_by_hand(world.settings(workdir))

    # What was recorded, hand-offs above all, is no less input than the files are.
    settings = world.settings(world.folder / "afresh", full_refresh=True)
    settings.workdir.state.parent.mkdir(parents=True)
    shutil.copyfile(world.settings(workdir).workdir.state, settings.workdir.state)
    afresh = build(settings)
    assert hashes(fourth) == hashes(afresh)
    told, told_afresh = summarize(fourth, "en"), summarize(afresh, "en")
    # A build from nothing has no days before its own to tell of.
    same = {"history": told_afresh.history, "notices": told_afresh.notices}
    assert replace(told, **same) == told_afresh
    assert set(told.notices) >= set(told_afresh.notices)
    assert fourth.landed == afresh.landed


def refuses_to_trust_what_changed_by_hand(settings: Settings) -> None:
    days = history_days(settings)
    assert find_needed_nodes(settings, days).selectors == ()
    assert find_needed_nodes(replace(settings, full_refresh=True), days).selectors is None
    assert find_needed_nodes(replace(settings, variables={"any": 1}), days).selectors is None
    with duckdb.connect(str(settings.workdir.database)) as connection:
        connection.execute("create or replace table marts.dim_leads as from marts.dim_leads")
    assert find_needed_nodes(settings, days).selectors is None


class Killer(SilentReporter):
    """Kills the whole process group when dbt has done a share of its work."""

    def __init__(self, share: float) -> None:
        self.share = share

    def advance(self, done: int, total: int, what: str) -> None:
        if total and done >= self.share * total:
            os.killpg(0, signal.SIGKILL)


def kill_a_build(world: World, workdir: Path) -> None:
    share = world.chance.uniform(0.3, 0.9)
    script = (
        "from tests.orchestration.test_skipping_law import *;"
        f"world = World(Path({str(world.folder)!r}));"
        "builds.dbt_arguments = without_tests;"
        f"build(world.settings(Path({str(workdir)!r})), Killer({share}))"
    )
    died = subprocess.run(
        [sys.executable, "-c", script],
        cwd=REPOSITORY,
        capture_output=True,
        start_new_session=True,
        timeout=600,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()[-3000:]
    lock = world.settings(workdir).workdir.lock
    for _ in range(600):
        if not is_locked(lock):
            return
        time.sleep(0.1)


def test_every_function_that_does_not_repeat_itself_is_known() -> None:
    macro = (REPOSITORY / "macros" / "is_repeatable.sql").read_text(encoding="utf-8")
    words = [
        text.replace("\\\\", "\\").replace("\\'", "'")
        for text in re.findall(r"^        '(.*)',$", macro, flags=re.MULTILINE)
    ]
    assert len(words) > 5
    with duckdb.connect() as connection:
        names = connection.execute(
            "select distinct function_name from duckdb_functions() where stability <> 'CONSISTENT'"
            " or (function_type = 'table' and regexp_matches(function_name, 'read_|scan|glob'))"
        ).fetchall()
    # The one that stops a statement gives nothing that could differ.
    found = {name for (name,) in names if not re.search("|".join(words), f"select {name}(1)")}
    assert found == {"error"}
    assert re.search("|".join(words), "select lead_id from leads order by current_lead_key") is None
