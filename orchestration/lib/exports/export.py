"""`leads export`: the steps, in order. The orchestrator calls the same function."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

import duckdb

from orchestration.lib.builds.reporting import Reporter, SilentReporter
from orchestration.lib.exports.broken_off import no_run_stays_open
from orchestration.lib.exports.desired_rows import (
    ModelColumns,
    model_columns,
)
from orchestration.lib.exports.destination import Destination
from orchestration.lib.exports.destinations import open_destination
from orchestration.lib.exports.exclusions import MODEL, Exclusions, load_exclusions
from orchestration.lib.exports.export_lock import export_lock
from orchestration.lib.exports.export_state import export_connection
from orchestration.lib.exports.exports_file import choose_syncs, read_syncs
from orchestration.lib.exports.left_out import entries_without_lead, files_left_out
from orchestration.lib.exports.request import ExportRequest
from orchestration.lib.exports.results import ExportResult, SyncResult
from orchestration.lib.exports.scratch_folder import remove_abandoned_folders
from orchestration.lib.exports.snapshot_settings import settings_of_snapshot
from orchestration.lib.exports.sync import Sync
from orchestration.lib.exports.sync_run import SyncRun
from orchestration.lib.failures import RunFailed
from orchestration.lib.problems import InputError, Problem
from orchestration.lib.publishing.manifest import RunManifest, read_manifest
from orchestration.lib.publishing.serving import served_run
from orchestration.lib.publishing.snapshot import SNAPSHOT_DATABASE
from orchestration.lib.publishing.sql_text import literal
from orchestration.lib.settings import Settings

Opener = Callable[[Sync, Settings, Mapping[str, str]], Destination]
Judge = Callable[[duckdb.DuckDBPyConnection, Settings, RunManifest, Reporter], Exclusions]


def export(
    settings: Settings,
    request: ExportRequest,
    reporter: Reporter | None = None,
    environment: Mapping[str, str] | None = None,
    opener: Opener = open_destination,
    judge: Judge = load_exclusions,
) -> ExportResult:
    """Send what changed in the published snapshot, or with `is_dry_run` say what would be sent.

    Raises:
        InputError: exports.yml, a variable of a destination, the rules or raw files are wrong.
        RunFailed: nothing is published, another export runs, or a build runs meanwhile, still after
            waiting for it.
    """
    reporter = reporter or SilentReporter()
    environment = os.environ if environment is None else environment
    syncs = choose_syncs(read_syncs(settings.exports), request.wanted, settings.exports)
    if not syncs:
        raise InputError(
            Problem("No entry is enabled.", "Name one, or enable it.", settings.exports.name)
        )
    left_out = files_left_out(syncs, request)
    run = tuple(sync for sync in syncs if sync.name not in left_out)
    manifest = _manifest(settings)
    with ExitStack() as stack:
        destinations: dict[str, Destination] = {}
        if not request.is_dry_run:
            for sync in run:
                if sync.destination != "file":
                    opened = _opened(opener, sync, settings, environment)
                    destinations[sync.name] = stack.enter_context(opened)
            stack.enter_context(export_lock(settings.workdir))
            remove_abandoned_folders(settings.workdir.warehouse)
            stack.enter_context(no_run_stays_open(settings.workdir))
        reporter.step("Reading the published snapshot")
        connection = stack.enter_context(
            export_connection(settings.workdir, is_read_only=request.is_dry_run)
        )
        columns = _attach_snapshot(connection, settings, manifest, run)
        left_out |= entries_without_lead(connection, run, columns, request.only)
        judged = settings_of_snapshot(settings, manifest)
        exclusions = judge(connection, judged, manifest, reporter)
        results = []
        for sync in syncs:
            if (reason := left_out.get(sync.name)) is not None:
                results.append(
                    SyncResult.left_out(
                        sync, reason, manifest.run_id, is_dry_run=request.is_dry_run
                    )
                )
                continue
            reporter.step(f"{'Comparing' if request.is_dry_run else 'Exporting'} {sync.name}")
            sync_run = SyncRun(
                connection, settings, request, reporter, manifest, sync, columns[sync.name]
            )
            results.append(sync_run.run(exclusions, destinations.get(sync.name)))
    return ExportResult(tuple(results))


def _manifest(settings: Settings) -> RunManifest:
    run_id = served_run(settings.workdir)
    if run_id is None:
        raise RunFailed(
            ("Nothing is published, so there is nothing to export.", "Run `leads build` first.")
        )
    return read_manifest(settings.workdir.runs / run_id)


@contextmanager
def _opened(
    opener: Opener, sync: Sync, settings: Settings, environment: Mapping[str, str]
) -> Iterator[Destination]:
    destination = opener(sync, settings, environment)
    try:
        yield destination
    finally:
        close = getattr(destination, "close", None)
        if close is not None:
            close()


def _attach_snapshot(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    manifest: RunManifest,
    syncs: tuple[Sync, ...],
) -> dict[str, ModelColumns]:
    """Attach the run that was served when the export began, and look at every entry."""
    file = settings.workdir.runs / manifest.run_id / SNAPSHOT_DATABASE
    connection.execute(f"attach {literal(file)} as snapshot (read_only)")
    if MODEL not in manifest.marts:
        raise RunFailed(
            ("The published snapshot is of an older version of this project.", "Build once more.")
        )
    problems: list[Problem] = []
    columns: dict[str, ModelColumns] = {}
    for sync in syncs:
        try:
            columns[sync.name] = model_columns(
                connection, sync, settings.language, settings.exports.name
            )
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return columns
