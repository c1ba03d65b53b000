"""The assets of a build, and the jobs that build."""

import os
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import dagster as dg
import duckdb
from pydantic import Field

from orchestration.defs.warehouse.keys import (
    BACKFILL,
    DAILY_BUILD,
    EXPORTS_GROUP,
    GATE,
    HOURLY_BUILD,
    POOL,
    RAW_DATA,
    SCORED_DAYS,
    SNAPSHOT,
)
from orchestration.defs.warehouse.project import CataloguedProject, load_project
from orchestration.defs.warehouse.running import run_build, settled
from orchestration.defs.warehouse.specs import BuildSpecs, build_specs
from orchestration.lib.failures import RunFailed
from orchestration.lib.problems import InputError
from orchestration.lib.publishing.lock import is_locked
from orchestration.lib.publishing.serving import served_manifest
from orchestration.lib.quality.listed_checks import list_checks
from orchestration.lib.scheduling.build_days import backfill_days, of_closed_day
from orchestration.lib.scheduling.environments import running_automations
from orchestration.lib.settings import Settings, resolve_settings
from orchestration.lib.state import recorded_days

BUILD = "build"
# Long before the shipped business calendar begins; a partition costs nothing until it is filled.
FIRST_PARTITION = "2020-01-01"
HOUR = 3600
# Tag of a run that a schedule started.
_SCHEDULE = "dagster/schedule_name"
# A run that takes longer is ended, and its dbt with it.
MAX_RUNTIMES = {HOURLY_BUILD: HOUR, DAILY_BUILD: 4 * HOUR, BACKFILL: 24 * HOUR}


class BuildConfig(dg.Config):
    """What one build does otherwise than LEADS_* variables and leads.toml say."""

    as_of: str | None = Field(default=None, description="Day to score, YYYY-MM-DD.")
    closed_day: bool = Field(
        default=False, description="Score the last day that is over, to make it final."
    )
    history_from: str | None = Field(
        default=None, description="Fill in the scores of days since then, YYYY-MM-DD."
    )
    full_refresh: bool = Field(default=False, description="Build every table from nothing.")
    accept: str | None = Field(
        default=None, description="Publish a held build, once: say why. Kept in its manifest."
    )


def build_assets(catalogue: CataloguedProject, specs: BuildSpecs) -> dg.AssetsDefinition:
    """All that a build makes, in one step: it holds the lock from the first file to the swap."""

    @dg.multi_asset(
        name=BUILD,
        specs=specs.made,
        check_specs=[*specs.tests, *specs.quality_checks],
        can_subset=True,
        pool=POOL,
        description="Lands, builds, checks and publishes: what `leads build` does.",
    )
    def build(
        context: dg.AssetExecutionContext, config: BuildConfig
    ) -> Iterator[dg.MaterializeResult[None]]:
        if SNAPSHOT not in context.selected_asset_keys:
            raise dg.Failure(
                "A build is one: it makes all its tables and publishes them, and leaves alone what"
                f" is up to date. Materialize {SNAPSHOT.to_user_string()}, or start the job"
                f" {HOURLY_BUILD}.",
                allow_retries=False,
            )
        flags = {
            "as_of": config.as_of,
            "history_from": config.history_from,
            "full_refresh": config.full_refresh or None,
        }
        settings = settled(flags, config.accept)
        if config.closed_day:
            settings = of_closed_day(settings)
        if _SCHEDULE in context.run.tags and (served := _later_day(settings)):
            # A build of today was at work or in the queue when the schedule asked for yesterday.
            context.log.info(f"{settings.as_of_date} is closed already: {served} is served.")
            return
        _, metadata = run_build(context, catalogue, specs, settings)
        yield dg.MaterializeResult(asset_key=SNAPSHOT, metadata=metadata)

    return build


def _later_day(settings: Settings) -> date | None:
    """The served day, if it closes the one that is to be scored."""
    try:
        served = served_manifest(settings.workdir)
    except RunFailed:
        # The build says what is wrong with it.
        return None
    return served.as_of_date if served and served.as_of_date > settings.as_of_date else None


def scored_days_asset(
    catalogue: CataloguedProject, specs: BuildSpecs, settings: Settings
) -> dg.AssetsDefinition:
    """Every build fills its day's partition; a backfill fills in those that nobody built."""

    @dg.asset(
        key=SCORED_DAYS,
        deps=[SNAPSHOT],
        partitions_def=dg.DailyPartitionsDefinition(
            start_date=FIRST_PARTITION, timezone=settings.timezone, end_offset=1
        ),
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name="history",
        owners=catalogue.owners("published"),
        kinds={"duckdb"},
        pool=POOL,
        description=(
            "The days whose scores are recorded; a partition is an as-of day. Every build records"
            " its own. A backfill scores the days of its range that nobody recorded, in one run,"
            " with the rules in force on each of them. Days that are recorded stay as published."
        ),
    )
    def scored_days(context: dg.AssetExecutionContext) -> None:
        wanted = context.partition_key_range
        first, last = date.fromisoformat(wanted.start), date.fromisoformat(wanted.end)
        present = settled({})
        served = served_manifest(present.workdir)
        days = backfill_days(
            first, last, None if served is None else served.as_of_date, _recorded(present)
        )
        flags = {
            "as_of": days.as_of.isoformat(),
            "history_from": None if days.history_from is None else days.history_from.isoformat(),
        }
        result, metadata = run_build(context, catalogue, specs, settled(flags))
        context.log_event(dg.AssetMaterialization(SNAPSHOT, metadata=metadata))
        context.add_output_metadata(
            {"as_of": days.as_of.isoformat(), "filled_in": result.history.filled_in}
        )

    return scored_days


def _recorded(settings: Settings) -> set[date]:
    """The recorded days; none while a build writes them, for then this one waits for it anyway."""
    if is_locked(settings.workdir.lock):
        return set()
    try:
        return set(recorded_days(settings))
    except duckdb.Error:
        return set()


def quality_checks(settings: Settings) -> list[dg.AssetCheckSpec]:
    """A check for each limit of `quality_limits.csv`; those that may hold a build are blocking.

    Where the seed cannot be read there are none, and the build says why.
    """
    try:
        listed = list_checks(settings)
    except InputError:
        return []
    return [
        dg.AssetCheckSpec(
            check.check_id,
            asset=RAW_DATA if check.place == "raw" else GATE,
            description=check.description,
            blocking=check.may_hold,
        )
        for check in listed
    ]


def build_jobs(build: dg.AssetsDefinition, environment: Mapping[str, str]) -> list[Any]:
    """The jobs: what is exported comes after what is published, in the same run.

    Where exports do not run by themselves a build sends nothing either, also one that somebody
    starts by hand: it was asked to build. They are jobs that know their selection only, a kind
    for which Dagster has no public type.
    """
    everything: dg.AssetSelection = dg.AssetSelection.assets(build)
    if does_export := "exports" in running_automations(environment):
        everything |= dg.AssetSelection.groups(EXPORTS_GROUP)
    then = ", publishes, then exports" if does_export else " and publishes"
    return [
        dg.define_asset_job(
            HOURLY_BUILD,
            selection=everything,
            description=f"Scores today with what is new{then}. Today stays open.",
            run_tags=_run_tags(HOURLY_BUILD),
        ),
        dg.define_asset_job(
            DAILY_BUILD,
            selection=everything,
            config=dg.RunConfig(ops={BUILD: BuildConfig(closed_day=True)}),
            description="Scores the last day that is over, with all that came in: it is final.",
            run_tags=_run_tags(DAILY_BUILD),
        ),
        dg.define_asset_job(
            BACKFILL,
            selection=dg.AssetSelection.assets(SCORED_DAYS),
            description="Fills in the scores of past days; a partition is an as-of day.",
            run_tags=_run_tags(BACKFILL),
        ),
    ]


def _run_tags(job: str) -> dict[str, str]:
    """Ended when it takes too long; begun anew if its process died, for a build recovers."""
    return {
        "dagster/max_runtime": str(MAX_RUNTIMES[job]),
        "dagster/max_retries": "1",
        "dagster/retry_strategy": "ALL_STEPS",
    }


@dg.definitions
def defs() -> dg.Definitions:
    """Assets, checks and jobs for the settings in force."""
    settings = resolve_settings()
    catalogue = load_project(settings)
    specs = build_specs(settings, catalogue, quality_checks(settings))
    build = build_assets(catalogue, specs)
    return dg.Definitions(
        assets=[build, scored_days_asset(catalogue, specs, settings), *specs.given],
        jobs=build_jobs(build, os.environ),
        # Steps of one run share what the build opened; a process for each would only cost time.
        executor=dg.in_process_executor,
    )
