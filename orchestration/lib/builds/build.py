"""`leads build`: the steps, in order. Dagster calls the same functions."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.lib.builds.bundled_data import ensure_bundled_data
from orchestration.lib.builds.dbt_command import dbt_arguments, dbt_environment
from orchestration.lib.builds.dbt_failures import dbt_failure, warning_notice
from orchestration.lib.builds.dbt_run import DbtResult, run_dbt
from orchestration.lib.builds.project_folder import prepare_project
from orchestration.lib.builds.rejections import Rejection, read_rejections
from orchestration.lib.builds.reporting import Reporter, SilentReporter
from orchestration.lib.builds.rules import CheckedRules, check_rules
from orchestration.lib.builds.source_tables import report_in_place
from orchestration.lib.failures import RunFailed
from orchestration.lib.landing import LandingReport, land_source, load_table_specs
from orchestration.lib.problems import InputError, Notice
from orchestration.lib.publishing.identity import is_other_raw_folder, refuse_other_build
from orchestration.lib.publishing.lock import build_lock
from orchestration.lib.publishing.manifest import RunManifest
from orchestration.lib.publishing.marts import list_marts
from orchestration.lib.publishing.serving import remove_leftovers, served_manifest
from orchestration.lib.publishing.snapshot import publish
from orchestration.lib.seeds import write_seeds
from orchestration.lib.settings import Settings


@dataclass(frozen=True)
class BuildResult:
    """A published build: its manifest and folder, what a person should know, seconds a step."""

    manifest: RunManifest
    folder: Path
    landed: tuple[LandingReport, ...]
    notices: tuple[Notice, ...]
    rejections: tuple[Rejection, ...]
    seconds: dict[str, float]


def build(settings: Settings, reporter: Reporter | None = None) -> BuildResult:
    """Land, build, check and publish.

    Raises:
        InputError: rules, files or the request itself are wrong; nothing was published.
        RunFailed: another build runs, dbt or a check failed; nothing was published.
    """
    clock = _StepClock(reporter or SilentReporter())
    with build_lock(settings.workdir.lock) as lock:
        if settings.is_bundled:
            clock.step("Making the simulated company")
            ensure_bundled_data(settings.raw_dir, settings.project_root)
        clock.step("Checking the rules")
        rules = check_rules(settings)
        _refuse(settings, rules)
        remove_leftovers(settings.workdir)
        prepare_rules(settings, rules)
        clock.step("Landing the files")
        landed = land(settings, rules, clock)
        clock.step("Building and testing with dbt")
        dbt = transform(settings, clock, inherited=(lock,))
        clock.step("Publishing")
        manifest = publish_build(settings, clock)
        rejections = read_rejections(settings.workdir)
    clock.finish()
    notices = (
        *rules.notices,
        *(notice for report in landed for notice in report.notices),
        *(warning_notice(warning) for warning in dbt.warnings),
    )
    return BuildResult(
        manifest,
        settings.workdir.runs / manifest.run_id,
        landed,
        tuple(dict.fromkeys(notices)),
        rejections,
        clock.seconds,
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

    Sources that are read where they are need none.
    """
    in_place = tuple(
        report_in_place(settings, source)
        for source in settings.sources
        if source not in settings.landed_sources
    )
    with _open_build_file(settings.workdir.database) as connection:
        return in_place + _land_into(connection, settings, rules, reporter or SilentReporter())


def _land_into(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    rules: CheckedRules,
    reporter: Reporter,
) -> tuple[LandingReport, ...]:
    return tuple(
        land_source(
            connection,
            source,
            settings.source_dir(source),
            load_table_specs(settings.project_root / "models", source),
            rules.aliases,
            lambda table: reporter.advance(0, 0, table),
        )
        for source in settings.landed_sources
    )


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
            with duckdb.connect() as nowhere:
                _land_into(nowhere, settings, rules, SilentReporter())
        raise


def transform(
    settings: Settings, reporter: Reporter | None = None, inherited: Sequence[int] = ()
) -> DbtResult:
    """Run and test every model; no connection to the build file may be open.

    Raises:
        InputError: a test that judges the input failed.
        RunFailed: a model or another test failed.
    """
    workdir = settings.workdir
    result = run_dbt(
        dbt_arguments(settings),
        dbt_environment(settings, os.environ),
        workdir.project,
        workdir.dbt_target,
        reporter or SilentReporter(),
        inherited,
    )
    if result.exit_code != 0:
        rejections = read_rejections(workdir) if result.failures else ()
        raise dbt_failure(result, rejections)
    return result


def publish_build(settings: Settings, reporter: Reporter | None = None) -> RunManifest:
    """Publish the marts of the build file."""
    reporter = reporter or SilentReporter()
    marts = list_marts(settings.workdir.dbt_target)
    names = [mart.name for mart in marts]
    return publish(
        settings, marts, lambda name: reporter.advance(names.index(name), len(names), name)
    )


def _open_build_file(database: Path) -> duckdb.DuckDBPyConnection:
    database.parent.mkdir(parents=True, exist_ok=True)
    try:
        return duckdb.connect(str(database))
    except duckdb.IOException as error:
        if "lock" not in str(error):
            raise
        raise RunFailed(
            (
                f"Another program has the build file {database} open.",
                "Close it; published/current is there for reading at any time.",
            )
        ) from None


class _StepClock:
    """Passes progress on and takes the time of each step."""

    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter
        self.seconds: dict[str, float] = {}
        self._title: str | None = None
        self._began = time.monotonic()

    def step(self, title: str) -> None:
        self.finish()
        self._title = title
        self.reporter.step(title)

    def advance(self, done: int, total: int, what: str) -> None:
        self.reporter.advance(done, total, what)

    def finish(self) -> None:
        now = time.monotonic()
        if self._title is not None:
            self.seconds[self._title] = round(now - self._began, 3)
        self._title = None
        self._began = now
