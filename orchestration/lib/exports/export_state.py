"""What was sent and what was accepted: a DuckDB file beside the state of the builds.

Builds never write it, and exports never write theirs, so neither waits for the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from orchestration.lib.exports.export_lock import export_holder
from orchestration.lib.failures import RunFailed
from orchestration.lib.publishing.sql_text import literal
from orchestration.lib.settings import Workdir
from orchestration.lib.working_database import working_database

# Each entry brings the file from the version before it to the next; none is ever edited.
MIGRATIONS: tuple[str, ...] = (
    """
    create table {schema}.export_rows (
        sync_name varchar not null,
        destination varchar not null,
        object_name varchar not null,
        row_key varchar not null,
        lead_id varchar,
        match_value varchar,
        desired_hash varchar,
        acked_hash varchar,
        acked_mapping_hash varchar,
        acked_fields varchar,
        acked_count bigint not null,
        status varchar not null,
        attempts bigint not null,
        last_error_code varchar,
        last_error varchar,
        first_due_at timestamp,
        next_attempt_at timestamp,
        remote_id varchar,
        last_run varchar,
        acked_at timestamp
    );
    create table {schema}.export_runs (
        export_run_id varchar not null,
        sync_name varchar not null,
        destination varchar not null,
        object_name varchar not null,
        snapshot_run_id varchar,
        exclusions_from varchar,
        mapping_hash varchar,
        accepted_because varchar,
        outcome varchar not null,
        stop_code varchar,
        stop_message varchar,
        resume_at timestamp,
        row_count bigint not null,
        created_count bigint not null,
        updated_count bigint not null,
        cleared_count bigint not null,
        deleted_count bigint not null,
        unchanged_count bigint not null,
        invalid_count bigint not null,
        suppressed_count bigint not null,
        rejected_count bigint not null,
        deferred_count bigint not null,
        backlog_count bigint not null,
        started_at timestamp not null,
        ended_at timestamp
    );
    create table {schema}.export_row_events (
        export_run_id varchar not null,
        sync_name varchar not null,
        row_key varchar not null,
        operation varchar not null,
        status varchar not null,
        error_code varchar,
        message varchar,
        changed_fields varchar,
        attempt bigint not null,
        occurred_at timestamp not null
    );
    create table {schema}.written_files (
        sync_name varchar not null,
        file_name varchar not null,
        content_hash varchar not null
    );
    """,
)


@contextmanager
def export_connection(
    workdir: Workdir, *, is_read_only: bool
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to an empty database of its own, with the state attached as `exports`.

    With `is_read_only` no byte of the file changes, and where there is none, its tables are made
    in memory.

    Raises:
        RunFailed: an export runs, or the file is damaged or of a newer version.
    """
    file = workdir.export_state
    with working_database(workdir.export_spill) as connection:
        if is_read_only and not file.is_file():
            connection.execute("attach ':memory:' as exports")
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            _attach(connection, workdir, is_read_only=is_read_only)
        _migrate(connection, is_read_only=is_read_only and file.is_file())
        yield connection


def _attach(connection: duckdb.DuckDBPyConnection, workdir: Workdir, *, is_read_only: bool) -> None:
    file = workdir.export_state
    options = " (read_only)" if is_read_only else ""
    try:
        connection.execute(f"attach {literal(file)} as exports{options}")
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise RunFailed(
                (
                    f"Another export has its state open ({export_holder(workdir)}).",
                    "Wait until it ends.",
                )
            ) from None
        raise RunFailed(
            (
                f"The state of the exports {file} cannot be opened.",
                "Restore it from a backup; without it, everything is sent once more.",
            )
        ) from None


def _migrate(connection: duckdb.DuckDBPyConnection, *, is_read_only: bool) -> None:
    version = _version(connection)
    if version > len(MIGRATIONS):
        raise RunFailed(
            (
                "The state of the exports was written by a newer version of this project.",
                "Update the project, or name another --workdir.",
            )
        )
    if is_read_only and version < len(MIGRATIONS):
        raise RunFailed("The state of the exports is of an older version: export once.")
    for number, statements in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.begin()
        connection.execute(
            "create table if not exists exports.schema_versions (version integer not null)"
        )
        connection.execute(statements.format(schema="exports"))
        connection.execute("insert into exports.schema_versions values (?)", [number])
        connection.commit()


def _version(connection: duckdb.DuckDBPyConnection) -> int:
    try:
        row = connection.execute(
            "select coalesce(max(version), 0) from exports.schema_versions"
        ).fetchone()
    except duckdb.CatalogException:
        return 0
    return 0 if row is None else int(row[0])
