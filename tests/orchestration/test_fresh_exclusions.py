"""Who asks not to be contacted between the scoring and the export is left out of it."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from orchestration.lib.builds.reporting import SilentReporter
from orchestration.lib.exports.exclusions import copied_workdir, load_exclusions
from orchestration.lib.exports.export import export
from orchestration.lib.exports.raw_files import data_time
from orchestration.lib.exports.request import ExportRequest
from orchestration.lib.exports.results import SyncResult
from orchestration.lib.exports.snapshot_settings import settings_of_snapshot
from orchestration.lib.failures import RunFailed
from orchestration.lib.publishing.identity import build_identity
from orchestration.lib.publishing.lock import build_lock
from orchestration.lib.publishing.manifest import RunManifest
from orchestration.lib.settings import Settings, resolve_settings
from tests.orchestration.building import read_rows, run_leads, write_rows
from tests.orchestration.conftest import PERSONS
from tests.orchestration.export_worlds import MemoryDestination

EXPORTS = """\
syncs:
  people:
    model: sync_salesforce__leads
    destination: salesforce
    object: Lead
    match_key: custom_id
    custom_id_field: lead_key
    limits: {stale_after: 26h}
    fields: {grade: grade, status: score_status}
"""


@pytest.fixture(scope="module")
def team(persons: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the built persons, with raw files of its own that may change."""
    folder = tmp_path_factory.mktemp("team")
    shutil.copytree(persons, folder / "work", symlinks=True)
    shutil.copytree(PERSONS, folder / "raw")
    manifest = folder / "work" / "published" / "current" / "manifest.json"
    content = json.loads(manifest.read_text())
    content["identity"]["raw_dir"] = str(folder / "raw")
    manifest.write_text(json.dumps(content))
    (folder / "exports.yml").write_text(EXPORTS)
    return folder


def settings_of(team: Path) -> Settings:
    flags = {"workdir": str(team / "work"), "as_of": "2026-10-30"}
    environment = {"LEADS_EXPORTS": str(team / "exports.yml")}
    return resolve_settings(flags, environment=environment, folder=team)


def send(team: Path, destination: MemoryDestination, **request: object) -> SyncResult:
    result = export(
        settings_of(team),
        ExportRequest(**request),  # type: ignore[arg-type]
        environment={},
        opener=lambda *_: destination,
        judge=load_exclusions,
    )
    return result.syncs[0]


def test_an_opt_out_that_arrives_after_the_scoring_is_judged_by_the_same_models(
    team: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    make = tempfile.mkdtemp

    def make_and_note(*place: Any, **named: Any) -> str:
        made.append(make(*place, **named))
        return made[-1]

    monkeypatch.setattr("tempfile.mkdtemp", make_and_note)
    destination = MemoryDestination()
    preview = send(team, destination, is_dry_run=True)
    assert (preview.changed, preview.actions.get("suppressed")) == ((), None)
    rows = read_rows(team / "raw" / "leads.csv")
    chosen = rows[0]["lead_id"]
    assert send(team, destination, is_dry_run=True, only=chosen).due == 1
    rows[0]["opted_out"] = "yes"
    write_rows(team / "raw" / "leads.csv", list(rows[0]), rows)
    build_file = team / "work" / "warehouse" / "leads.duckdb"
    before = build_file.read_bytes()
    result = send(team, destination)
    assert result.changed == ("file/leads.csv",)
    assert result.actions["suppressed"] == 1
    assert chosen not in destination.records
    assert len(destination.records) == preview.actions["create"] - 1
    # A build finds everything as it left it.
    assert build_file.read_bytes() == before
    # Whatever was written lay where the next export would find it, and is gone.
    warehouse = team / "work" / "warehouse"
    assert made
    assert all(folder.startswith(f"{warehouse}/.exclusions-") for folder in made)
    assert not list(warehouse.glob(".exclusions-*"))


@pytest.mark.parametrize("is_bundled", [False, True])
def test_the_day_of_the_bundled_data_counts_for_their_snapshot_alone(
    tmp_path: Path, is_bundled: bool
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (tmp_path / "work" / "warehouse" / "raw" / "simulated_company").mkdir(parents=True)
    now = datetime(2027, 1, 5, 12, tzinfo=UTC)
    flags = {"workdir": str(tmp_path / "work")}

    def resolve(**more: str) -> Settings:
        return resolve_settings({**flags, **more}, environment={}, folder=tmp_path, now=now)

    asked = resolve()
    assert asked.origins["as_of"] == "bundled data"
    # Rules of its own make the build another one than what is asked for without flags.
    built = {"rules": str(own)} if is_bundled else {"raw_dir": str(own)}
    identity = build_identity(resolve(**built)).to_json()
    day = date(2026, 10, 30)
    found = settings_of_snapshot(replace(asked, wait_seconds=7), manifest_of(identity, day))
    assert build_identity(found).to_json() == identity
    assert found.as_of_date == (asked.as_of_date if is_bundled else date(2027, 1, 5))
    assert found.wait_seconds == 7
    named = settings_of_snapshot(resolve(as_of="2026-12-01"), manifest_of(identity, day))
    assert named.as_of_date == date(2026, 12, 1)


def manifest_of(identity: dict[str, Any], day: date) -> RunManifest:
    return RunManifest(
        run_id="run",
        started_at=datetime(2026, 11, 1, tzinfo=UTC),
        as_of_date=day,
        is_provisional=False,
        rule_set_id=None,
        agreement_id=None,
        data_through=None,
        identity=identity,
        marts={},
        accepted=None,
        project_version="1",
    )


@pytest.fixture
def left_by_a_build(tmp_path: Path) -> Settings:
    """Settings of a working folder with a build file and a state, of which texts serve as well."""
    settings = resolve_settings({"workdir": str(tmp_path / "work")}, environment={})
    settings.workdir.warehouse.mkdir(parents=True)
    settings.workdir.lock.touch()
    settings.workdir.database.write_text("before")
    settings.workdir.state.write_text("before")
    return settings


def test_an_export_waits_for_a_build_to_end_and_copies_what_it_left(
    left_by_a_build: Settings, tmp_path: Path
) -> None:
    settings, began, ends = left_by_a_build, threading.Event(), threading.Event()

    def build() -> None:
        with build_lock(settings.workdir.lock):
            settings.workdir.database.write_text("half")
            began.set()
            ends.wait(60)
            settings.workdir.database.write_text("built")

    thread = threading.Thread(target=build)
    thread.start()
    assert began.wait(10)
    with pytest.raises(RunFailed, match=rf"A build runs(.|\n)*process {os.getpid()}"):
        copied_workdir(settings, tmp_path / "at_once", SilentReporter())
    threading.Timer(0.5, ends.set).start()
    patient = replace(settings, wait_seconds=60)
    copy = copied_workdir(patient, tmp_path / "later", SilentReporter())
    thread.join()
    assert copy.workdir.database.read_text() == "built"
    assert copy.workdir.state.read_text() == "before"


@pytest.mark.parametrize("wait_seconds", [0, 30])
def test_a_copy_into_which_a_build_came_is_thrown_away(
    left_by_a_build: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait_seconds: float
) -> None:
    settings = replace(left_by_a_build, wait_seconds=wait_seconds)
    copied: list[str] = []

    def copy_while_a_build_runs(source: Path, target: Path) -> None:
        copied.append(source.name)
        target.write_bytes(source.read_bytes())
        if len(copied) == 1:
            with build_lock(settings.workdir.lock):
                settings.workdir.database.write_text("built meanwhile")

    monkeypatch.setattr("shutil.copyfile", copy_while_a_build_runs)
    if not wait_seconds:
        with pytest.raises(RunFailed, match="A build runs"):
            copied_workdir(settings, tmp_path / "copy", SilentReporter())
        return
    copy = copied_workdir(settings, tmp_path / "copy", SilentReporter())
    assert copy.workdir.database.read_text() == "built meanwhile"
    assert copied.count("leads.duckdb") == 2


def test_an_export_does_not_judge_on_files_that_a_build_writes(team: Path) -> None:
    with (team / "raw" / "leads.csv").open("a") as file:
        file.write("\n")
    settings = settings_of(team)
    with build_lock(settings.workdir.lock), pytest.raises(RunFailed, match="A build runs"):
        send(team, MemoryDestination(), is_dry_run=True)


def test_the_age_of_the_files_of_people_is_that_of_their_delivery(team: Path) -> None:
    settings = replace(settings_of(team), raw_dir=team / "raw")
    old = datetime.now(UTC) - timedelta(days=3)
    for file in ("leads.csv", "events.csv"):
        os.utime(team / "raw" / file, (old.timestamp(), old.timestamp()))
    os.utime(team / "raw" / "events.csv")
    found = data_time(replace(settings, sources=("file",)))
    assert found is not None
    assert abs(found - old) < timedelta(seconds=2)
    shutil.copyfile(PERSONS / "leads.csv", team / "raw" / "leads.csv")
    os.utime(team / "raw" / "leads.csv", (old.timestamp(), old.timestamp()))
    stopped = send(team, MemoryDestination(), is_dry_run=True)
    assert stopped.stop is not None
    assert stopped.stop[0] == "exclusions_stale"


def test_the_command_tells_and_ends_with_its_outcome(team: Path) -> None:
    (team / "leads.toml").write_text(
        'exports = "exports.yml"\nworkdir = "work"\nas_of = "2026-10-30"\n'
    )
    stale = run_leads("export", "--dry-run", folder=team)
    assert stale.returncode == 1
    assert "would be stopped" in stale.stdout
    assert "3 days old; the limit is 26 h." in " ".join(stale.stdout.split())
    unnamed = run_leads("export", "hubspott", "--json", folder=team)
    assert unnamed.returncode == 2
    assert json.loads(unnamed.stdout)["ok"] is False
