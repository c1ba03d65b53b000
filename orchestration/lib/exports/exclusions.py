"""Who may not be contacted, on the freshest data there is.

A snapshot may be hours old when it is sent. What has landed or changed in the rules since is
judged by the very models that judge it in a build, in a copy of the build file that is thrown away,
so that neither a build nor what is served notices.
"""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb

from orchestration.lib.builds.build import land, prepare_rules
from orchestration.lib.builds.dbt_command import dbt_arguments, dbt_environment
from orchestration.lib.builds.dbt_failures import dbt_failure
from orchestration.lib.builds.dbt_run import run_dbt
from orchestration.lib.builds.reporting import Reporter
from orchestration.lib.builds.rules import CheckedRules, check_rules
from orchestration.lib.exports.raw_files import data_time, raw_file_hashes
from orchestration.lib.exports.scratch_folder import ScratchFolder, scratch_folder
from orchestration.lib.failures import RunFailed
from orchestration.lib.publishing.inputs import changed_inputs, seed_files
from orchestration.lib.publishing.lock import AnotherBuildRuns, is_locked, wait_until_free
from orchestration.lib.publishing.manifest import RunManifest
from orchestration.lib.publishing.sql_text import literal
from orchestration.lib.seeds import write_seeds
from orchestration.lib.settings import Settings, Workdir

MODEL = "dim_lead_records"
_CREATE = "create or replace table fresh_records as from {database}.marts." + MODEL


@dataclass(frozen=True)
class Exclusions:
    """What the table `fresh_records` holds.

    Attributes:
        is_evaluated: whether it was judged anew; else it is that of the snapshot.
        data_at: when the data on people were delivered (UTC), None where nobody can tell.
        changed: files and seeds that changed since the snapshot was built.
    """

    is_evaluated: bool
    data_at: datetime | None
    changed: tuple[str, ...]


def load_exclusions(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    manifest: RunManifest,
    reporter: Reporter,
) -> Exclusions:
    """Fill the table `fresh_records`; `connection` has the snapshot attached as `snapshot`.

    `settings` are those of `settings_of_snapshot`; what is written meanwhile lies in `warehouse`.

    Raises:
        InputError: the rules or files of now are wrong, so nobody knows who may be contacted.
        RunFailed: a build runs, still after waiting for it, or the models failed.
    """
    rules = check_rules(settings)
    at = data_time(settings)
    with scratch_folder(settings.workdir.warehouse) as scratch:
        changed = _changes(settings, rules, manifest, scratch.path / "seeds")
        if not changed:
            connection.execute(_CREATE.format(database="snapshot"))
            return Exclusions(is_evaluated=False, data_at=at, changed=())
        reporter.step("Judging exclusions on what is new")
        copy = copied_workdir(settings, scratch.path, reporter)
        _evaluate(copy, rules, scratch, reporter)
        connection.execute(f"attach {literal(copy.workdir.database)} as judged (read_only)")
        connection.execute(_CREATE.format(database="judged"))
        connection.execute("detach judged")
    return Exclusions(is_evaluated=True, data_at=at, changed=changed)


def _changes(
    settings: Settings, rules: CheckedRules, manifest: RunManifest, scratch: Path
) -> tuple[str, ...]:
    """What changed since the snapshot; tables that are read in place always may have."""
    scratch.mkdir()
    write_seeds(rules.seed_set, scratch)
    changed = changed_inputs(manifest.inputs, {**raw_file_hashes(settings), **seed_files(scratch)})
    in_place = tuple(
        f"{source}, read in place"
        for source in settings.sources
        if source not in settings.landed_sources
    )
    day = () if settings.as_of_date == manifest.as_of_date else (f"day {settings.as_of_date}",)
    return (*changed, *in_place, *day)


def copied_workdir(settings: Settings, folder: Path, reporter: Reporter) -> Settings:
    """Settings of a workdir of its own in `folder`, with a copy of what the last build left.

    A build is waited for as long as the settings say. None is ever kept waiting: one that begins
    while files are copied spoils the copy, and another one is made when it has ended.

    Raises:
        RunFailed: a build runs, still after waiting for it.
    """
    origin, copy = settings.workdir, Workdir(folder)
    copy.dbt_target.mkdir(parents=True)
    kept = (
        (origin.database, copy.database),
        (settings.state, copy.state),
        (origin.dbt_target / "partial_parse.msgpack", copy.dbt_target / "partial_parse.msgpack"),
    )
    last_moment = time.monotonic() + settings.wait_seconds
    while True:
        try:
            left = max(0.0, last_moment - time.monotonic())
            wait_until_free(origin.lock, left, reporter.step)
        except AnotherBuildRuns as error:
            raise _build_runs(error.lines[:1]) from None
        before = [_stamp(source) for source, _ in kept]
        for source, target in kept:
            target.unlink(missing_ok=True)
            if source.is_file():
                shutil.copyfile(source, target)
        if not is_locked(origin.lock) and before == [_stamp(source) for source, _ in kept]:
            return replace(settings, workdir=copy, foreign_state=None)
        if time.monotonic() >= last_moment:
            raise _build_runs()


def _stamp(file: Path) -> tuple[int, int] | None:
    if not file.is_file():
        return None
    stat = file.stat()
    return stat.st_size, stat.st_mtime_ns


def _build_runs(who: tuple[str, ...] = ()) -> RunFailed:
    return RunFailed(
        (
            "A build runs in this working folder, so exclusions cannot be judged on its data now.",
            *who,
            "Export when it has ended, or let exports wait for it: LEADS_WAIT, in seconds.",
        )
    )


def _evaluate(
    copy: Settings, rules: CheckedRules, scratch: ScratchFolder, reporter: Reporter
) -> None:
    prepare_rules(copy, rules)
    land(copy, rules, reporter)
    result = run_dbt(
        [*dbt_arguments(copy, [f"+{MODEL}"]), "--exclude-resource-type", "test"],
        dbt_environment(copy, os.environ),
        copy.workdir.project,
        copy.workdir.dbt_target,
        reporter,
        inherited=(scratch.descriptor,),
    )
    if result.exit_code != 0:
        raise dbt_failure(result)
