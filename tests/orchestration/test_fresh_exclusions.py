"""Who asks not to be contacted between the scoring and the export is left out of it."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestration.lib.exports.exclusions import load_exclusions
from orchestration.lib.exports.export import export
from orchestration.lib.exports.raw_files import data_time
from orchestration.lib.exports.request import ExportRequest
from orchestration.lib.exports.results import SyncResult
from orchestration.lib.failures import RunFailed
from orchestration.lib.publishing.lock import build_lock
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
    team: Path,
) -> None:
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
    assert not list((team / "work" / "warehouse").glob(".exclusions-*"))


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
