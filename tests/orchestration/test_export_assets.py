"""Exports as assets of the orchestrator, and the alerts about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from orchestration.defs.exports import assets
from orchestration.defs.warehouse.assets import build_jobs
from orchestration.defs.warehouse.keys import DAILY_BUILD, HOURLY_BUILD
from orchestration.lib.exports import guarded_export as guard
from orchestration.lib.exports.export import export
from orchestration.lib.exports.exports_file import read_syncs
from orchestration.lib.exports.guarded_export import guarded_export, seen_in_sync
from orchestration.lib.exports.request import ExportRequest
from orchestration.lib.exports.results import ExportResult, SyncResult
from orchestration.lib.exports.sync import Limits
from orchestration.lib.failures import RunFailed
from orchestration.lib.problems import InputError
from orchestration.lib.scheduling.environments import RUNNING
from tests.orchestration.export_worlds import EXPORTS, World, make_world, person

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
SCHEDULED = EXPORTS.replace(
    "    object: contacts\n", "    object: contacts\n    schedule: 0 6 * * *\n"
)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world whose exports the assets use, and whose alerts are kept."""
    made = make_world(tmp_path, *(person(f"p{number}") for number in range(40)))
    ready = partial(export, environment={}, opener=made._open, judge=made.judge)
    monkeypatch.setattr(guard, "export", ready)
    monkeypatch.setattr(assets, "settled", lambda _: made.settings)
    return made


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    seen: list[Any] = []
    monkeypatch.setattr(guard, "tell", lambda _settings, observed, _say: seen.extend(observed))
    return seen


def materialize(world: World) -> dg.ExecuteInProcessResult:
    (sync,) = read_syncs(world.settings.exports)
    asset = assets.export_asset(sync)
    snapshot = dg.AssetSpec(assets.SNAPSHOT)
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize([asset, snapshot], instance=instance, raise_on_error=False)


def test_a_run_sends_what_changed_and_says_how_much(world: World, told: list[Any]) -> None:
    (event,) = materialize(world).get_asset_materialization_events()
    values = {
        name: entry.value
        for name, entry in event.step_materialization_data.materialization.metadata.items()
    }
    assert (values["sent"], values["backlog"], values["outcome"]) == (40, 0, "success")
    (event,) = materialize(world).get_asset_materialization_events()
    metadata = event.step_materialization_data.materialization.metadata
    assert (metadata["sent"].value, metadata["unchanged"].value) == (0, 40)
    assert [(each.topic, each.lines) for each in told] == [("export:people", ())] * 2


def test_a_run_that_could_not_send_all_fails_and_names_nobody(
    world: World, told: list[Any]
) -> None:
    world.destination.rejects = {"p7"}
    result = materialize(world)
    assert not result.success
    assert result.get_asset_materialization_events() == []
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    said = str(failure.step_failure_data)
    assert "The export ended as partial." in said
    assert "'INVALID'" in said
    assert "p7" not in said
    assert "private.example" not in said
    (seen,) = told
    assert seen.topic == "export:people"
    assert "INVALID" in seen.lines[0]


def test_what_stops_before_the_first_call_is_told(world: World, told: list[Any]) -> None:
    world.settings.exports.unlink()
    with pytest.raises(InputError):
        guarded_export(world.settings, ExportRequest(wanted="people"), say=print)
    assert [each.topic for each in told] == ["export:people"]
    assert told[0].lines


def test_what_nobody_foresaw_is_told_and_quotes_nothing(
    world: World, told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise duckdb.ConversionException("Could not convert string 'p1@private.example' to DATE")

    monkeypatch.setattr("orchestration.lib.exports.sending.record_outcomes", fail)
    result = materialize(world)
    assert not result.success
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    said = str(failure.step_failure_data)
    assert "Unexpected ConversionException" in said
    assert "private.example" not in said
    (seen,) = told
    assert seen.topic == "export:people"
    assert "Unexpected ConversionException" in seen.lines[0]
    assert "private.example" not in str(seen)
    assert world.rows("select outcome, stop_code from exports.export_runs") == [
        ("failed", "unexpected")
    ]
    with pytest.raises(RunFailed) as failed:
        guarded_export(world.settings, ExportRequest(is_dry_run=False), say=print)
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__


def test_nobody_is_told_that_an_entry_that_was_left_out_goes_on(
    world: World, told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    left = SyncResult.left_out(
        read_syncs(world.settings.exports)[0], "None.", "s", is_dry_run=False
    )
    monkeypatch.setattr(guard, "export", lambda *_: ExportResult((left,)))
    guarded_export(world.settings, ExportRequest(wanted="hubspot"), say=print)
    assert [each.topic for each in told] == ["export:hubspot"]


def test_nobody_is_told_of_a_dry_run_or_of_an_export_at_work(
    world: World, told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded_export(world.settings, ExportRequest(is_dry_run=True), say=print)

    def busy(*_: object) -> None:
        raise guard.AnotherExportRuns("Another export runs.")

    monkeypatch.setattr(guard, "export", busy)
    with pytest.raises(RunFailed):
        guarded_export(world.settings, ExportRequest(), say=print)
    assert told == []


RESULT = SyncResult(
    sync="people", destination="hubspot", object_name="contacts", is_dry_run=False,
    outcome="success", run_id="r", snapshot_run_id="s", rows=100, due=100, resent=0, backlog=3,
    sent={"rejected_count": 6}, backlog_since=NOW - timedelta(hours=30),
)  # fmt: skip


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({}, []),
        ({"max_rejected": "6%"}, []),
        ({"max_rejected": "5%"}, ["6 of 100 rows were rejected"]),
        ({"max_backlog_age": "30h"}, []),
        ({"max_backlog_age": "29h"}, ["3 rows wait, the oldest for 30 hours"]),
    ],
)
def test_limits_of_an_entry_say_what_is_trouble(limits: dict[str, str], words: list[str]) -> None:
    seen = seen_in_sync(replace(RESULT, limits=Limits.model_validate(limits)), NOW)
    assert len(seen.lines) == len(words)
    assert all(word in line for word, line in zip(words, seen.lines, strict=True))


def test_entries_run_with_builds_by_their_schedule_or_by_hand(world: World) -> None:
    (plain,) = read_syncs(world.settings.exports)
    assert assets.group_of(plain) == assets.EXPORTS_GROUP
    assert assets.export_schedules([plain], "UTC") == ([], [])
    world.write(SCHEDULED)
    (scheduled,) = read_syncs(world.settings.exports)
    assert assets.group_of(scheduled) == assets.SCHEDULED_GROUP
    ((schedule,), (job,)) = assets.export_schedules([scheduled], "Asia/Tokyo")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 6 * * *", "Asia/Tokyo")
    assert job.name == "export_people"
    assert assets.group_of(scheduled.model_copy(update={"enabled": False})) == assets.DISABLED_GROUP


@pytest.mark.parametrize("environment", RUNNING)
def test_builds_export_only_where_exports_run_by_themselves(world: World, environment: str) -> None:
    (sync,) = read_syncs(world.settings.exports)
    export_of_build = assets.export_asset(sync)

    @dg.asset(key=assets.SNAPSHOT)
    def build() -> None:
        """Stands for a build."""

    jobs = {
        job.name: job.selection.resolve([build, export_of_build])
        for job in build_jobs(build, {"LEADS_ENVIRONMENT": environment})
        if job.name in (HOURLY_BUILD, DAILY_BUILD)
    }
    exported = export_of_build.keys if "exports" in RUNNING[environment] else set()
    assert jobs == dict.fromkeys((HOURLY_BUILD, DAILY_BUILD), {assets.SNAPSHOT} | exported)


def test_an_environment_that_sends_nothing_is_tested() -> None:
    assert "exports" in RUNNING["production"]
    assert "exports" not in RUNNING["staging"] | RUNNING["development"]
