"""A build as soon as new raw files have landed and come to rest."""

import os
import time

import dagster as dg

from orchestration.defs.warehouse.keys import (
    BUILDING_JOBS,
    HOURLY_BUILD,
    RAW_FINGERPRINT,
    SNAPSHOT,
)
from orchestration.lib.problems import InputError
from orchestration.lib.publishing.lock import is_locked
from orchestration.lib.scheduling.environments import running_automations
from orchestration.lib.scheduling.raw_watch import Watch, list_raw_files, look
from orchestration.lib.settings import resolve_settings

SECONDS_BETWEEN_LOOKS = 60
_UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


@dg.definitions
def defs() -> dg.Definitions:
    """The sensor; the environment says whether it runs."""
    is_running = "new_raw_files" in running_automations(os.environ)
    status = dg.DefaultSensorStatus.RUNNING if is_running else dg.DefaultSensorStatus.STOPPED
    sensor = dg.SensorDefinition(
        name="new_raw_files",
        evaluation_fn=new_raw_files,
        job_name=HOURLY_BUILD,
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=status,
        description="Builds when raw files are new and have come to rest, once for each state.",
    )
    return dg.Definitions(sensors=[sensor])


def new_raw_files(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """One look at the raw folder; the cursor holds what was seen and built last."""
    settings = resolve_settings()
    try:
        files = list_raw_files(settings)
    except InputError as error:
        # Half of a delivery, perhaps; a build would say the same.
        return dg.SensorResult(skip_reason=str(error))
    # Asked before what was landed: of a build that ends in between both answers tell.
    is_building = is_locked(settings.workdir.lock) or _is_building(context.instance)
    found = look(
        Watch.from_cursor(context.cursor),
        files,
        time.time(),
        landed=_landed(context.instance),
        is_building=is_building,
    )
    cursor = found.watch.to_cursor()
    if found.start_key is None:
        return dg.SensorResult(skip_reason=found.reason, cursor=cursor)
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=found.start_key)], cursor=cursor)


def _landed(instance: dg.DagsterInstance) -> str | None:
    """What the last published build found in the folder."""
    event = instance.get_latest_materialization_event(SNAPSHOT)
    materialization = None if event is None else event.asset_materialization
    if materialization is None or RAW_FINGERPRINT not in materialization.metadata:
        return None
    return str(materialization.metadata[RAW_FINGERPRINT].value)


def _is_building(instance: dg.DagsterInstance) -> bool:
    """Whether a build waits or runs."""
    runs = instance.get_runs(dg.RunsFilter(statuses=_UNFINISHED))
    return any(run.job_name in BUILDING_JOBS for run in runs)
