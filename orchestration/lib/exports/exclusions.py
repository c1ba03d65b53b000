"""Who may not be contacted, on the freshest data there is.

A snapshot may be hours old when it is sent. What has landed or changed in the rules since is
judged by the very models that judge it in a build, in a copy of the build file that is thrown away,
so that neither a build nor what is served notices.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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
from orchestration.lib.failures import RunFailed
from orchestration.lib.publishing.identity import build_identity
from orchestration.lib.publishing.inputs import changed_inputs, seed_files
from orchestration.lib.publishing.lock import is_locked
from orchestration.lib.publishing.manifest import RunManifest
from orchestration.lib.publishing.sql_text import literal
from orchestration.lib.seeds import write_seeds
from orchestration.lib.settings import Settings, Workdir, resolve_settings

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


def settings_of_snapshot(settings: Settings, manifest: RunManifest) -> Settings:
    """The settings with which the snapshot was built, for the day of `settings`.

    Sources, folders and sample are those of the snapshot, whoever asks; the day is never an earlier
    one than the snapshot's.
    """
    day = max(settings.as_of_date, manifest.as_of_date)
    if build_identity(settings).to_json() == dict(manifest.identity):
        return replace(settings, as_of_date=day)
    identity = manifest.identity
    root = settings.workdir.root

    def folder(name: str) -> str | None:
        value = identity.get(name)
        return None if value is None else str(root / str(value))

    flags = {
        "source": ",".join(identity["sources"]),
        "raw_dir": folder("raw_dir"),
        "rules": folder("rules_dir"),
        "workdir": str(root),
        "sample": str(identity.get("sample_percent") or 100),
        "language": settings.language,
        "as_of": day.isoformat(),
    }
    return resolve_settings(flags, project_root=settings.project_root, now=settings.started_at)


def load_exclusions(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    manifest: RunManifest,
    reporter: Reporter,
) -> Exclusions:
    """Fill the table `fresh_records`; `connection` has the snapshot attached as `snapshot`.

    `settings` are those of `settings_of_snapshot`.

    Raises:
        InputError: the rules or files of now are wrong, so nobody knows who may be contacted.
        RunFailed: a build runs meanwhile, or the models failed.
    """
    rules = check_rules(settings)
    at = data_time(settings)
    changed = _changes(settings, rules, manifest)
    if not changed:
        connection.execute(_CREATE.format(database="snapshot"))
        return Exclusions(is_evaluated=False, data_at=at, changed=())
    reporter.step("Judging exclusions on what is new")
    with _copied_workdir(settings) as copy:
        _evaluate(copy, rules, reporter)
        connection.execute(f"attach {literal(copy.workdir.database)} as judged (read_only)")
        connection.execute(_CREATE.format(database="judged"))
        connection.execute("detach judged")
    return Exclusions(is_evaluated=True, data_at=at, changed=changed)


def _changes(settings: Settings, rules: CheckedRules, manifest: RunManifest) -> tuple[str, ...]:
    """What changed since the snapshot; tables that are read in place always may have."""
    with tempfile.TemporaryDirectory(prefix="leads-seeds-") as folder:
        write_seeds(rules.seed_set, Path(folder))
        seeds = seed_files(Path(folder))
    changed = changed_inputs(manifest.inputs, {**raw_file_hashes(settings), **seeds})
    in_place = tuple(
        f"{source}, read in place"
        for source in settings.sources
        if source not in settings.landed_sources
    )
    day = () if settings.as_of_date == manifest.as_of_date else (f"day {settings.as_of_date}",)
    return (*changed, *in_place, *day)


@contextmanager
def _copied_workdir(settings: Settings) -> Iterator[Settings]:
    """Settings of a workdir of its own with a copy of what a build left, removed afterwards."""
    origin = settings.workdir
    origin.warehouse.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".exclusions-", dir=origin.warehouse) as folder:
        copy = Workdir(Path(folder))
        copy.dbt_target.mkdir(parents=True)
        kept = (
            (origin.database, copy.database),
            (settings.state, copy.state),
            (
                origin.dbt_target / "partial_parse.msgpack",
                copy.dbt_target / "partial_parse.msgpack",
            ),
        )
        if is_locked(origin.lock):
            raise _build_runs()
        before = [_stamp(source) for source, _ in kept]
        for source, target in kept:
            if source.is_file():
                shutil.copyfile(source, target)
        if is_locked(origin.lock) or before != [_stamp(source) for source, _ in kept]:
            raise _build_runs()
        yield replace(settings, workdir=copy, foreign_state=None)


def _stamp(file: Path) -> tuple[int, int] | None:
    if not file.is_file():
        return None
    stat = file.stat()
    return stat.st_size, stat.st_mtime_ns


def _build_runs() -> RunFailed:
    return RunFailed(
        (
            "A build runs in this working folder, so exclusions cannot be judged on its data now.",
            "Export when it has ended.",
        )
    )


def _evaluate(copy: Settings, rules: CheckedRules, reporter: Reporter) -> None:
    prepare_rules(copy, rules)
    land(copy, rules, reporter)
    result = run_dbt(
        [*dbt_arguments(copy, [f"+{MODEL}"]), "--exclude-resource-type", "test"],
        dbt_environment(copy, os.environ),
        copy.workdir.project,
        copy.workdir.dbt_target,
        reporter,
    )
    if result.exit_code != 0:
        raise dbt_failure(result)
