"""Ending what a killed build began: state and served snapshot belong to the same run again."""

from __future__ import annotations

from orchestration.lib.publishing.manifest import FILE_NAME
from orchestration.lib.publishing.serving import TEMPORARY_PREFIX, serve, sync
from orchestration.lib.settings import Settings
from orchestration.lib.state import ensure_state, forget_pending_run, pending_run


def recover_state(settings: Settings) -> None:
    """Create the state file, and serve the run that was recorded but not served any more.

    The snapshot of such a run is complete and has passed its checks, so ending its publishing
    needs no memory of what the state held before. The caller holds the build lock.
    """
    ensure_state(settings)
    run_id = pending_run(settings)
    if run_id is None:
        return
    workdir = settings.workdir
    beside = workdir.runs / f"{TEMPORARY_PREFIX}{run_id}"
    if (beside / FILE_NAME).is_file():
        beside.rename(workdir.runs / run_id)
        sync(workdir.runs)
    if (workdir.runs / run_id / FILE_NAME).is_file():
        serve(workdir, run_id)
    forget_pending_run(settings)
