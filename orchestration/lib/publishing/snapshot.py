"""Writing a snapshot beside the served one, and serving it if nothing is wrong with it."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib.failures import RunFailed
from orchestration.lib.publishing.account import account_name
from orchestration.lib.publishing.content_hashes import content_hash
from orchestration.lib.publishing.identity import build_identity
from orchestration.lib.publishing.inputs import landed_files, seed_files
from orchestration.lib.publishing.integrity import find_defects
from orchestration.lib.publishing.manifest import (
    FILE_NAME,
    Acceptance,
    MartContent,
    RunManifest,
)
from orchestration.lib.publishing.marts import MARTS_SCHEMA, Mart
from orchestration.lib.publishing.serving import (
    TEMPORARY_PREFIX,
    remove_leftovers,
    remove_old_runs,
    serve,
    sync,
)
from orchestration.lib.publishing.sql_text import identifier, identifiers, literal
from orchestration.lib.quality.findings import QualityFailed, QualityFinding
from orchestration.lib.settings import Settings
from orchestration.lib.state import (
    forget_pending_run,
    record_score_history,
    record_value_changes,
    state_transaction,
)
from orchestration.lib.working_database import working_database

SNAPSHOT_DATABASE = "leads.duckdb"
# Clients of DuckDB 1.x cannot read newer storage.
STORAGE_VERSION = "v1.0.0"

# Judges the finished snapshot, the default database of the connection, by what its marts hold;
# gives what the manifest says of it. It raises QualityFailed to hold the snapshot back.
Gate = Callable[[Settings, duckdb.DuckDBPyConnection, Mapping[str, MartContent]], Mapping[str, Any]]


def new_run_id(started_at: datetime) -> str:
    """An id that sorts by time: the start in UTC and six random hex digits."""
    return f"{started_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def publish(
    settings: Settings,
    marts: Sequence[Mart],
    progress: Callable[[str], None] | None = None,
    gate: Gate | None = None,
) -> RunManifest:
    """Copy the marts of the build file into a new run, check them and serve it.

    The caller holds the build lock, and no other connection to the build file is open.

    Raises:
        QualityFailed: the snapshot is defect, or `gate` holds it; the served one stays as it was.
        RunFailed: it could not be written.
    """
    workdir = settings.workdir
    remove_leftovers(workdir)
    run_id = new_run_id(settings.started_at)
    beside = workdir.runs / f"{TEMPORARY_PREFIX}{run_id}"
    beside.mkdir(parents=True)
    try:
        manifest = _write_snapshot(
            settings, marts, run_id, beside, progress or (lambda _: None), gate
        )
        _write_manifest(beside, manifest)
        _record(settings, run_id)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    # What is recorded now gets served, at the latest by the next build (recover_state).
    beside.rename(workdir.runs / run_id)
    sync(workdir.runs)
    serve(workdir, run_id)
    forget_pending_run(settings)
    remove_old_runs(workdir)
    return manifest


def _record(settings: Settings, run_id: str) -> None:
    """All that this run adds to the state, in one transaction."""
    if not settings.records_state:
        return
    with state_transaction(settings, run_id) as connection:
        record_value_changes(connection, settings, run_id)
        record_score_history(connection, run_id)


def _write_snapshot(
    settings: Settings,
    marts: Sequence[Mart],
    run_id: str,
    folder: Path,
    progress: Callable[[str], None],
    gate: Gate | None,
) -> RunManifest:
    with _snapshot_connection(settings, folder) as connection:
        _check_presence(connection, marts)
        contents: dict[str, MartContent] = {}
        for mart in marts:
            progress(mart.name)
            contents[mart.name] = _copy_mart(connection, mart, folder)
        defects = find_defects(connection, contents, settings.as_of_date)
        if defects:
            raise _defect(defects)
        quality = {} if gate is None else gate(settings, connection, contents)
        rule_set_id, data_through = _stamp(connection)
        agreement_id = _agreement_id(connection)
        inputs = {
            **landed_files(connection, "build"),
            **seed_files(settings.workdir.project / "seeds"),
        }
        connection.execute("checkpoint")
    sync(folder / SNAPSHOT_DATABASE)
    return RunManifest(
        run_id=run_id,
        started_at=settings.started_at,
        as_of_date=settings.as_of_date,
        is_provisional=settings.is_provisional,
        rule_set_id=rule_set_id,
        agreement_id=agreement_id,
        data_through=data_through,
        identity=build_identity(settings).to_json(),
        marts=contents,
        accepted=_acceptance(settings.accept_reason),
        project_version=project_version(),
        quality=quality,
        inputs=inputs,
    )


def _defect(defects: Sequence[str]) -> QualityFailed:
    findings = [
        QualityFinding("integrity", "gate", "snapshot", "error", False, None, None, defect)
        for defect in defects
    ]
    return QualityFailed(
        findings, [*defects, "Nothing was published; what was served stays served."]
    )


@contextmanager
def _snapshot_connection(settings: Settings, folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The new database as the default one, and the build file as `build`, only to be read."""
    with working_database(settings.workdir.spill) as connection:
        connection.execute(
            f"attach {literal(folder / SNAPSHOT_DATABASE)} as snapshot"
            f" (storage_version {literal(STORAGE_VERSION)})"
        )
        connection.execute(f"attach {literal(settings.workdir.database)} as build (read_only)")
        connection.execute("use snapshot")
        connection.execute(f"create schema {identifier(MARTS_SCHEMA)}")
        yield connection


def _check_presence(connection: duckdb.DuckDBPyConnection, marts: Sequence[Mart]) -> None:
    rows = connection.execute(
        "select table_name from information_schema.tables"
        " where table_catalog = 'build' and table_schema = ?",
        [MARTS_SCHEMA],
    ).fetchall()
    present = {name for (name,) in rows}
    missing = [mart.name for mart in marts if mart.name not in present]
    if missing:
        raise RunFailed(f"The build has no table for these marts: {', '.join(missing)}.")


def _copy_mart(connection: duckdb.DuckDBPyConnection, mart: Mart, folder: Path) -> MartContent:
    table = f"{identifier(MARTS_SCHEMA)}.{identifier(mart.name)}"
    connection.execute(
        f"create table {table} as select * from build.{table}"  # noqa: S608 - quoted names
        f" order by {identifiers(mart.key)}"
    )
    columns = tuple(
        (str(name), str(kind))
        for name, kind in connection.execute(
            "select column_name, data_type from duckdb_columns()"
            " where database_name = 'snapshot' and schema_name = ? and table_name = ?"
            " order by column_index",
            [MARTS_SCHEMA, mart.name],
        ).fetchall()
    )
    if mart.description:
        connection.execute(f"comment on table {table} is {literal(mart.description.strip())}")
    row_count = _write_parquet(connection, table, folder / f"{mart.name}.parquet")
    digest = content_hash(connection, table, [name for name, _ in columns])
    return MartContent(row_count, digest, columns)


def _write_parquet(connection: duckdb.DuckDBPyConnection, table: str, file: Path) -> int:
    """Write the stored (hence key) order; returns the number of rows, read back."""
    unfinished = file.with_suffix(".parquet.tmp")
    connection.execute(
        f"copy (select * from {table}) to {literal(unfinished)}"  # noqa: S608
        " (format parquet, compression zstd)"
    )
    unfinished.rename(file)
    sync(file)
    in_table, in_file = connection.execute(
        f"select (select count(*) from {table}),"  # noqa: S608
        f" (select count(*) from read_parquet({literal(file)}))"
    ).fetchone() or (0, -1)
    if in_table != in_file:
        raise RunFailed(f"{file.name} holds {in_file} rows instead of {in_table}.")
    return int(in_table)


def _stamp(connection: duckdb.DuckDBPyConnection) -> tuple[str | None, date | None]:
    rule_set_id, data_through = connection.execute(
        "select max(rule_set_id), max(data_through) from marts.fct_lead_scores"
    ).fetchone() or (None, None)
    return rule_set_id, data_through


def _agreement_id(connection: duckdb.DuckDBPyConnection) -> str | None:
    found = connection.execute(
        "select max(agreement_id) from build.intermediate.int_agreement"
    ).fetchone()
    return None if found is None else found[0]


def _acceptance(reason: str | None) -> Acceptance | None:
    if reason is None:
        return None
    return Acceptance(account_name(), datetime.now(UTC), reason)


def _write_manifest(folder: Path, manifest: RunManifest) -> None:
    file = folder / FILE_NAME
    text = json.dumps(manifest.to_json(), indent=2, ensure_ascii=False)
    file.write_text(text + "\n", encoding="utf-8")
    sync(file)
    sync(folder)


def project_version() -> str:
    """Version of this project as installed."""
    try:
        return metadata.version("lead-scoring-warehouse")
    except metadata.PackageNotFoundError:
        return "not installed"
