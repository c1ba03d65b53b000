"""`leads build`: the steps, in order. Dagster calls the same functions."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from orchestration.lib.builds.build_file import open_build_file
from orchestration.lib.builds.built_sources import record_built_sources
from orchestration.lib.builds.bundled_data import ensure_bundled_data
from orchestration.lib.builds.dbt_attempts import run_until_it_stays
from orchestration.lib.builds.dbt_command import dbt_arguments, dbt_environment
from orchestration.lib.builds.dbt_failures import dbt_failure, warning_notice
from orchestration.lib.builds.dbt_run import DbtResult, run_dbt
from orchestration.lib.builds.events import (
    NodesSettled,
    SourceLanded,
    StepsOnly,
    tell,
)
from orchestration.lib.builds.history_days import history_days
from orchestration.lib.builds.history_news import HistoryNews, read_history_news
from orchestration.lib.builds.needed_nodes import (
    EVERY_NODE,
    find_needed_nodes,
    forget_finished_run,
    remember_finished_run,
    result_without_a_run,
)
from orchestration.lib.builds.project_folder import prepare_project
from orchestration.lib.builds.rejections import Rejection, read_rejections
from orchestration.lib.builds.reporting import Reporter, SilentReporter
from orchestration.lib.builds.rules import CheckedRules, check_rules
from orchestration.lib.builds.source_tables import report_in_place
from orchestration.lib.builds.step_clock import StepClock
from orchestration.lib.builds.time_limit import NO_TIME_LIMIT, TimeLimit, start_time_limit
from orchestration.lib.landing import LandingReport, land_source, load_table_specs
from orchestration.lib.problems import InputError, Notice
from orchestration.lib.publishing.identity import is_other_raw_folder, refuse_other_build
from orchestration.lib.publishing.lock import build_lock
from orchestration.lib.publishing.manifest import RunManifest
from orchestration.lib.publishing.marts import list_marts
from orchestration.lib.publishing.recovery import recover_state
from orchestration.lib.publishing.serving import remove_leftovers, served_manifest
from orchestration.lib.publishing.snapshot import new_run_id, publish
from orchestration.lib.quality.findings import QualityFinding
from orchestration.lib.quality.gate import check_snapshot
from orchestration.lib.quality.raw_checks import check_raw
from orchestration.lib.quality.record import forget_quality, quality_of
from orchestration.lib.seeds import write_seeds
from orchestration.lib.settings import Settings
from orchestration.lib.state import (
    copy_export_log,
    forget_pending_run,
    note_value_changes,
    record_past_days,
    state_transaction,
    unpublished_transaction,
)
from orchestration.lib.working_database import working_database


@dataclass(frozen=True)
class BuildResult:
    """A published build: its manifest and folder, what a person should know, seconds a step.

    `quality` are all findings of the checks of raw data and snapshot, those in order included.
    """

    manifest: RunManifest
    folder: Path
    landed: tuple[LandingReport, ...]
    notices: tuple[Notice, ...]
    rejections: tuple[Rejection, ...]
    history: HistoryNews
    seconds: dict[str, float]
    quality: tuple[QualityFinding, ...] = ()


def build(settings: Settings, reporter: Reporter | None = None) -> BuildResult:
    """Land, build, check and publish.

    Raises:
        InputError: rules, files or the request itself are wrong; nothing was published.
        QualityFailed: a check of the raw data or of the snapshot holds the build.
        RunFailed: another build runs, dbt or a check failed; nothing was published.
    """
    clock = StepClock(reporter or SilentReporter())
    with build_lock(settings.workdir.lock, settings.wait_seconds, clock.step) as lock:
        clock.limit = limit = start_time_limit(settings.time_limit_minutes)
        # Raw data in the clear, if the build before was killed.
        shutil.rmtree(settings.workdir.landing, ignore_errors=True)
        if settings.is_bundled:
            clock.step("Making the simulated company")
            ensure_bundled_data(settings.raw_dir, settings.project_root)
        clock.step("Checking the rules")
        rules = check_rules(settings)
        _refuse(settings, rules)
        recover_state(settings)
        copy_export_log(settings)
        remove_leftovers(settings.workdir)
        prepare_rules(settings, rules)
        clock.step("Landing the files")
        landed = land(settings, rules, clock)
        clock.step("Checking the raw data")
        check_raw(settings)
        note_changes(settings)
        fill_in_history(settings, clock, inherited=(lock,), limit=limit)
        clock.step("Building and testing with dbt")
        dbt = transform(settings, clock, inherited=(lock,), limit=limit)
        tell(clock, NodesSettled(frozenset(warning.name for warning in dbt.warnings)))
        clock.step("Publishing")
        # What is being served must not be cut in two.
        clock.limit = NO_TIME_LIMIT
        manifest = publish_build(settings, clock)
        rejections = read_rejections(settings.workdir)
        history = read_history_news(settings)
    clock.finish()
    notices = (
        *rules.notices,
        *(notice for report in landed for notice in report.notices),
        *(Notice(f"{crash}, and was run again.") for crash in dbt.crashes),
        *(warning_notice(warning) for warning in dbt.warnings),
        *history.notices(settings.as_of_date),
    )
    return BuildResult(
        manifest,
        settings.workdir.runs / manifest.run_id,
        landed,
        tuple(dict.fromkeys(notices)),
        rejections,
        history,
        clock.seconds,
        tuple(quality_of(settings.workdir)),
    )


def prepare_rules(settings: Settings, rules: CheckedRules) -> None:
    """Write the project folder that dbt runs in, with the merged seeds."""
    tables = rules.seed_set.tables
    files = [Path(table.spec.folder) / f"{name}.csv" for name, table in tables.items()]
    seeds = prepare_project(settings.project_root, settings.workdir.project, files)
    write_seeds(rules.seed_set, seeds)


def land(
    settings: Settings, rules: CheckedRules, reporter: Reporter | None = None
) -> tuple[LandingReport, ...]:
    """Bring the files of every source into the build file, all or nothing.

    Sources that are read where they are need none. What was found of earlier raw data is forgotten.
    """
    forget_quality(settings.workdir)
    in_place = tuple(
        report_in_place(settings, source)
        for source in settings.sources
        if source not in settings.landed_sources
    )
    with open_build_file(settings.workdir.database) as connection:
        landed = _land_into(connection, settings, rules, reporter or SilentReporter())
        record_built_sources(connection, settings.sources)
    return in_place + landed


def _land_into(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    rules: CheckedRules,
    reporter: Reporter,
) -> tuple[LandingReport, ...]:
    reports = []
    for source in settings.landed_sources:
        report = land_source(
            connection,
            source,
            settings.source_dir(source),
            load_table_specs(settings.project_root / "models", source),
            rules.aliases,
            lambda table: reporter.advance(0, 0, table),
            is_full_refresh=settings.full_refresh,
            scratch=settings.workdir.landing,
        )
        tell(reporter, SourceLanded(source, report))
        reports.append(report)
    return tuple(reports)


def _refuse(settings: Settings, rules: CheckedRules) -> None:
    """Refuse a build that what is served cannot be replaced by.

    Whoever names another raw folder learns first what is wrong with its files: they are read
    through, and nothing of them is kept.
    """
    served = served_manifest(settings.workdir)
    try:
        refuse_other_build(settings, served)
    except InputError:
        if served is not None and is_other_raw_folder(settings, served):
            with working_database(settings.workdir.spill) as nowhere:
                _land_into(nowhere, settings, rules, SilentReporter())
        raise


def transform(
    settings: Settings,
    reporter: Reporter | None = None,
    inherited: Sequence[int] = (),
    limit: TimeLimit = NO_TIME_LIMIT,
) -> DbtResult:
    """Run and test every model that a change since the last run reaches.

    Past days that are not recorded yet are scored with the day of the build.

    No connection to the build file may be open.

    Raises:
        InputError: a test that judges the input failed.
        RunFailed: a model or another test failed, or there was no time left.
    """
    return _run_dbt(settings, history_days(settings), reporter, inherited, limit)


def note_changes(settings: Settings) -> None:
    """Tell the build which values of the landed rows are others than when they were last seen.

    A build of its day alone needs not know it.
    """
    if settings.records_state and history_days(settings):
        with unpublished_transaction(settings) as connection:
            note_value_changes(connection, settings)


def fill_in_history(
    settings: Settings,
    reporter: Reporter | None = None,
    inherited: Sequence[int] = (),
    limit: TimeLimit = NO_TIME_LIMIT,
) -> None:
    """Record past days in passes of their own, where they are more than one pass may fill in.

    What is left for the build itself fits into it. A pass that is done stays recorded, also if a
    later one fails.

    Raises:
        RunFailed: a model failed.
    """
    reporter = reporter or SilentReporter()
    while settings.records_state and (days := history_days(settings, pass_alone=True)):
        reporter.step(f"Filling in the history from {days[0]} to {days[-1]}")
        _run_dbt(settings, days, StepsOnly(reporter), inherited, limit, history_alone=True)
        run_id = new_run_id(settings.started_at)
        with state_transaction(settings, run_id) as connection:
            record_past_days(connection, run_id)
        forget_pending_run(settings)


def _run_dbt(
    settings: Settings,
    days: Sequence[date],
    reporter: Reporter | None,
    inherited: Sequence[int],
    limit: TimeLimit,
    *,
    history_alone: bool = False,
) -> DbtResult:
    workdir = settings.workdir
    open_build_file(workdir.database).close()
    needed = EVERY_NODE if history_alone else find_needed_nodes(settings, days)
    if needed.finished is not None and needed.selectors == ():
        return result_without_a_run(needed.finished)
    forget_finished_run(workdir)
    reporter = reporter or SilentReporter()
    result = run_until_it_stays(
        lambda: run_dbt(
            dbt_arguments(settings, needed.selectors, history_alone=history_alone),
            dbt_environment(settings, os.environ, days),
            workdir.project,
            workdir.dbt_target,
            reporter,
            inherited,
            limit,
        ),
        reporter,
    )
    if result.exit_code != 0:
        rejections = read_rejections(workdir) if result.failures else ()
        raise dbt_failure(result, rejections)
    return result if history_alone else remember_finished_run(settings, days, needed, result)


def publish_build(settings: Settings, reporter: Reporter | None = None) -> RunManifest:
    """Publish the marts of the build file, if the checks of the raw data and of the marts let it.

    Raises:
        QualityFailed: a check holds the build; what was served stays served.
    """
    reporter = reporter or SilentReporter()
    open_build_file(settings.workdir.database).close()
    marts = list_marts(settings.workdir.dbt_target)
    names = [mart.name for mart in marts]
    return publish(
        settings,
        marts,
        lambda name: reporter.advance(names.index(name), len(names), name),
        check_snapshot,
    )
