"""The served run: which one it is, the swap, what is kept, and opening it."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.lib.failures import RunFailed
from orchestration.lib.problems import InputError, Problem
from orchestration.lib.publishing.manifest import FILE_NAME, RunManifest, read_manifest
from orchestration.lib.settings import Workdir

if TYPE_CHECKING:
    import duckdb

KEPT_RUNS = 5
TEMPORARY_PREFIX = ".tmp-"
_RUN_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")


def list_runs(workdir: Workdir) -> list[str]:
    """Ids of the complete published runs, oldest first."""
    if not workdir.runs.is_dir():
        return []
    return sorted(
        folder.name
        for folder in workdir.runs.iterdir()
        if _RUN_ID.fullmatch(folder.name) and (folder / FILE_NAME).is_file()
    )


def served_run(workdir: Workdir) -> str | None:
    """Id of the run that `published/current` points to, None if nothing is served."""
    if not workdir.current.is_symlink():
        return None
    run_id = Path(os.readlink(workdir.current)).name  # noqa: PTH115 - the link, not its target
    return run_id if (workdir.runs / run_id).is_dir() else None


def served_manifest(workdir: Workdir) -> RunManifest | None:
    """Manifest of the served run, None if nothing is served."""
    run_id = served_run(workdir)
    return None if run_id is None else read_manifest(workdir.runs / run_id)


def serve(workdir: Workdir, run_id: str) -> None:
    """Point `published/current` at a run, in one atomic step."""
    if workdir.current.exists() and not workdir.current.is_symlink():
        raise RunFailed(
            f"{workdir.current} is no symbolic link. Move it away; a build puts its link there."
        )
    link = workdir.published / f"{TEMPORARY_PREFIX}current-{run_id}"
    link.unlink(missing_ok=True)
    link.symlink_to(Path(workdir.runs.name) / run_id, target_is_directory=True)
    link.replace(workdir.current)
    sync(workdir.published)


def restore_run(workdir: Workdir, wanted: str) -> RunManifest:
    """Serve an earlier run again; `wanted` is its id, the start of it, or `previous`.

    Raises:
        InputError: no run, or more than one, answers to it.
    """
    runs = list_runs(workdir)
    manifest = read_manifest(workdir.runs / _choose(runs, served_run(workdir), wanted))
    serve(workdir, manifest.run_id)
    return manifest


def _choose(runs: list[str], served: str | None, wanted: str) -> str:
    available = f"Available: {', '.join(reversed(runs)) or 'none; run `leads build` first'}."
    if wanted == "previous":
        earlier = [run for run in runs if served is None or run < served]
        if not earlier:
            raise InputError(Problem("There is no run before the served one.", available))
        return earlier[-1]
    matching = [run for run in runs if wanted and run.startswith(wanted)]
    if len(matching) != 1:
        said = "is no published run" if not matching else f"matches {len(matching)} runs"
        raise InputError(Problem(f"'{wanted}' {said}.", available))
    return matching[0]


def remove_old_runs(workdir: Workdir, kept: int = KEPT_RUNS) -> list[str]:
    """Keep the newest `kept` runs and the served one; returns the ids of those removed."""
    served = served_run(workdir)
    old = [run for run in list_runs(workdir)[:-kept] if run != served]
    for run in old:
        # Renamed first: what is half removed must not look like a run.
        doomed = (workdir.runs / run).rename(workdir.runs / f"{TEMPORARY_PREFIX}old-{run}")
        shutil.rmtree(doomed, ignore_errors=True)
    return old


def remove_leftovers(workdir: Workdir) -> None:
    """Remove what killed runs left beside the published ones. Only while holding the lock."""
    for folder in (workdir.runs, workdir.published):
        for leftover in folder.glob(f"{TEMPORARY_PREFIX}*") if folder.is_dir() else ():
            if leftover.is_symlink() or leftover.is_file():
                leftover.unlink()
            else:
                shutil.rmtree(leftover, ignore_errors=True)


def open_snapshot(database: Path) -> duckdb.DuckDBPyConnection:
    """A connection to a published leads.duckdb that can change nothing and reach no other file."""
    import duckdb

    return duckdb.connect(
        str(database),
        read_only=True,
        config={"enable_external_access": "false", "lock_configuration": "true"},
    )


def sync(path: Path) -> None:
    """Make a file or the entries of a folder last through a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
