"""Running `leads build` inside a step of Dagster: one code path, one state, one lock."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import dagster as dg
import duckdb

from orchestration.defs.warehouse.catalogue import CatalogueReporter
from orchestration.defs.warehouse.keys import RAW_FINGERPRINT, SCORED_DAYS
from orchestration.defs.warehouse.project import CataloguedProject
from orchestration.defs.warehouse.specs import BuildSpecs
from orchestration.lib.builds.build import BuildResult
from orchestration.lib.builds.guarded_build import guarded_build
from orchestration.lib.failures import RunFailed
from orchestration.lib.problems import InputError
from orchestration.lib.quality.findings import QualityFailed
from orchestration.lib.scheduling.raw_watch import raw_fingerprint
from orchestration.lib.settings import Settings, resolve_settings
from orchestration.lib.state import recorded_days

# How long a build waits for another one in its working folder, such as one started by hand; the
# runs of Dagster take turns in the queue.
WAIT_SECONDS = 1800.0
# Where a setting comes from that nobody gave.
NO_ORIGIN = "none"


def settled(flags: Mapping[str, object], accept_reason: str | None = None) -> Settings:
    """Settings as for `leads build`, with some patience unless LEADS_WAIT or leads.toml say other.

    Raises:
        dagster.Failure: one cannot be used.
    """
    try:
        settings = resolve_settings(flags, accept_reason=accept_reason)
    except InputError as error:
        raise failure_of([str(problem).strip() for problem in error.problems]) from None
    if settings.origins["wait"] == NO_ORIGIN:
        return replace(settings, wait_seconds=WAIT_SECONDS)
    return settings


def run_build(
    context: dg.AssetExecutionContext,
    catalogue: CataloguedProject,
    specs: BuildSpecs,
    settings: Settings,
) -> tuple[BuildResult, dict[str, Any]]:
    """Build and publish, and tell the catalogue; returns the metadata of the snapshot too.

    Raises:
        dagster.Failure: the build failed or was held. It is not repeated: what can go well a
            second time, the build tries by itself. No message holds a value of the data.
    """
    reporter = CatalogueReporter(context, catalogue, specs)
    files = raw_fingerprint(settings)
    try:
        result = guarded_build(settings, reporter, say=context.log.warning)
    except InputError as error:
        # Without the chain of exceptions, which Dagster would keep and which may quote values.
        raise failure_of([str(problem).strip() for problem in error.problems]) from None
    except RunFailed as error:
        if isinstance(error, QualityFailed):
            reporter.findings(error.findings)
        raise failure_of(error.lines) from None
    reporter.findings(result.quality)
    for notice in result.notices:
        context.log.info(str(notice))
    _tell_scored_days(context, settings, reporter)
    return result, _metadata(result, files)


def failure_of(lines: Sequence[str], metadata: Mapping[str, Any] | None = None) -> dg.Failure:
    """A failure that is not repeated, with its reasons and what else is known."""
    return dg.Failure(
        description="\n".join(lines),
        metadata={
            "problems": dg.MetadataValue.md("\n".join(f"- {line}" for line in lines)),
            **(metadata or {}),
        },
        allow_retries=False,
    )


def _tell_scored_days(
    context: dg.AssetExecutionContext, settings: Settings, reporter: CatalogueReporter
) -> None:
    """The partitions of the days that are recorded and not yet known to be."""
    if not settings.records_state:
        return
    try:
        recorded = set(recorded_days(settings))
    except duckdb.Error:
        # The next build has begun; it tells them.
        recorded = {settings.as_of_date}
    known = context.instance.get_materialized_partitions(SCORED_DAYS)
    for day in sorted(recorded):
        if day == settings.as_of_date or day.isoformat() not in known:
            reporter.materialized(
                SCORED_DAYS,
                {"is_provisional": settings.is_provisional and day == settings.as_of_date},
                partition=day.isoformat(),
            )


def _metadata(result: BuildResult, files: str | None) -> dict[str, Any]:
    manifest = result.manifest
    marts = [
        dg.TableRecord({"mart": name, "rows": mart.row_count})
        for name, mart in sorted(manifest.marts.items())
    ]
    steps = [
        dg.TableRecord({"step": name, "s": seconds}) for name, seconds in result.seconds.items()
    ]
    texts = {
        "run": manifest.run_id,
        "rule_set": manifest.rule_set_id,
        "agreement": manifest.agreement_id,
        "data_through": _text(manifest.data_through),
        "accepted": None if manifest.accepted is None else manifest.accepted.reason,
        RAW_FINGERPRINT: files,
    }
    return {
        "as_of": manifest.as_of_date.isoformat(),
        "is_provisional": manifest.is_provisional,
        "folder": dg.MetadataValue.path(str(result.folder)),
        "dagster/row_count": sum(mart.row_count for mart in manifest.marts.values()),
        "marts": dg.MetadataValue.table(marts),
        "steps": dg.MetadataValue.table(steps),
        **{name: text for name, text in texts.items() if text is not None},
    }


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
