"""An asset for each entry of exports.yml: what stands in the other system."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from orchestration.defs.warehouse.keys import EXPORTS_GROUP, SNAPSHOT
from orchestration.defs.warehouse.running import failure_of, settled
from orchestration.lib.builds.reporting import SilentReporter
from orchestration.lib.exports.exports_file import read_syncs
from orchestration.lib.exports.guarded_export import guarded_export
from orchestration.lib.exports.request import ExportRequest
from orchestration.lib.exports.results import SyncResult
from orchestration.lib.exports.sync import Sync
from orchestration.lib.failures import RunFailed
from orchestration.lib.problems import InputError
from orchestration.lib.scheduling.environments import running_automations
from orchestration.lib.settings import resolve_settings

# Entries with a schedule of their own run by it, disabled ones when somebody starts them.
SCHEDULED_GROUP = "exports_by_schedule"
DISABLED_GROUP = "exports_by_hand"
# One export at a time in a working folder, as the lock of exports has it.
POOL = "exports"
MAX_RUNTIME = 4 * 3600


def export_asset(sync: Sync) -> dg.AssetsDefinition:
    """What the destination holds of the sync; a run sends what changed since the last one."""

    @dg.asset(
        key=["exports", sync.name],
        deps=[SNAPSHOT],
        group_name=group_of(sync),
        kinds={"excel" if sync.destination == "file" else sync.destination},
        pool=POOL,
        description=(
            f"Rows of {sync.model} in {sync.destination} {sync.object_name}: only what changed,"
            " read from the published snapshot. A run that could not send all fails; the next one"
            " goes on where it ended."
        ),
    )
    def export(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        settings = settled({})
        request = ExportRequest(wanted=sync.name)
        try:
            result = guarded_export(settings, request, SilentReporter(), say=context.log.warning)
        except InputError as error:
            raise failure_of([str(problem).strip() for problem in error.problems]) from None
        except RunFailed as error:
            raise failure_of(error.lines) from None
        (done,) = result.syncs
        for notice in done.notices:
            context.log.info(notice)
        if done.outcome != "success":
            why = [f"The export ended as {done.outcome}.", *([done.stop[1]] if done.stop else [])]
            raise failure_of(why, metadata_of(done))
        return dg.MaterializeResult(metadata=metadata_of(done))

    return export


def group_of(sync: Sync) -> str:
    """Where it is shown; the jobs that build export the group of those without a schedule."""
    if not sync.enabled:
        return DISABLED_GROUP
    return EXPORTS_GROUP if sync.schedule is None else SCHEDULED_GROUP


def metadata_of(done: SyncResult) -> dict[str, Any]:
    """Counts and codes of a run; no key and no value."""
    age = done.backlog_age(datetime.now(UTC))
    counts = {
        "sent": sum(
            rows
            for name, rows in done.sent.items()
            if name not in ("rejected_count", "deferred_count")
        ),
        "unchanged": done.actions.get("unchanged", 0),
        "invalid": done.actions.get("invalid", 0),
        "suppressed": done.actions.get("suppressed", 0),
        "rejected": done.rejected,
        "deferred": done.sent.get("deferred_count", 0),
        "backlog": done.backlog,
        "backlog_hours": 0.0 if age is None else round(age.total_seconds() / 3600, 1),
        "dagster/row_count": done.rows,
    }
    codes = [dg.TableRecord({"code": code, "rows": rows}) for code, rows in done.errors.items()]
    return {
        "outcome": done.outcome,
        "snapshot": done.snapshot_run_id,
        **counts,
        **({"errors": dg.MetadataValue.table(codes)} if codes else {}),
    }


def export_schedules(
    syncs: Sequence[Sync], timezone: str
) -> tuple[list[dg.ScheduleDefinition], list[Any]]:
    """A schedule and its job for each entry that has one; the environment says if they run."""
    status = (
        dg.DefaultScheduleStatus.RUNNING
        if "exports" in running_automations(os.environ)
        else dg.DefaultScheduleStatus.STOPPED
    )
    schedules, jobs = [], []
    for sync in syncs:
        if not sync.enabled or sync.schedule is None:
            continue
        job = dg.define_asset_job(
            f"export_{sync.name}",
            selection=[dg.AssetKey(["exports", sync.name])],
            description=f"Sends what changed to {sync.destination}.",
            run_tags={"dagster/max_runtime": str(MAX_RUNTIME)},
        )
        jobs.append(job)
        schedules.append(
            dg.ScheduleDefinition(
                name=f"export_{sync.name}",
                job=job,
                cron_schedule=sync.schedule,
                execution_timezone=timezone,
                default_status=status,
            )
        )
    return schedules, jobs


@dg.definitions
def defs() -> dg.Definitions:
    """Assets, jobs and schedules of the exports.yml in force."""
    settings = resolve_settings()
    try:
        syncs = list(read_syncs(settings.exports))
    except InputError:
        # `leads export` and `leads doctor` say what is wrong with the file; builds go on.
        syncs = []
    schedules, jobs = export_schedules(syncs, settings.timezone)
    return dg.Definitions(
        assets=[export_asset(sync) for sync in syncs],
        jobs=jobs,
        schedules=schedules,
    )
