# ruff: noqa: S608 - names of this module.
"""The runs of each sync: when, what for, how many rows, and how they ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from orchestration.lib.builds.redaction import redact
from orchestration.lib.exports.plan import PlanCounts
from orchestration.lib.exports.sync import Sync


@dataclass(frozen=True)
class RunStamp:
    """What identifies one run of one sync."""

    run_id: str
    sync: Sync
    mapping_hash: str
    snapshot_run_id: str | None
    started_at: datetime
    accepted_because: str | None


def moment(at: datetime) -> str:
    """A moment as the state holds it: UTC without a zone."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of the block or nothing of it."""
    connection.begin()
    try:
        yield
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def close_interrupted_runs(
    connection: duckdb.DuckDBPyConnection, sync: Sync, now: datetime
) -> None:
    """Runs that never ended were killed."""
    connection.execute(
        "update exports.export_runs set outcome = 'failed', stop_code = 'interrupted', ended_at = ?"
        " where outcome = 'running' and sync_name = ?",
        [moment(now), sync.name],
    )


def earlier_rows(connection: duckdb.DuckDBPyConnection, sync: Sync) -> int | None:
    """Rows of the model in the last run of the sync that sent; None before the first one."""
    row = connection.execute(
        "select row_count from exports.export_runs where sync_name = ?"
        " and outcome in ('success', 'partial') order by started_at desc limit 1",
        [sync.name],
    ).fetchone()
    return None if row is None else int(row[0])


def backlog(connection: duckdb.DuckDBPyConnection, sync: Sync) -> int:
    """Rows that wait to be accepted."""
    row = connection.execute(
        "select count(*) from exports.export_rows where sync_name = ?"
        " and status not in ('acked', 'idle')",
        [sync.name],
    ).fetchone()
    return 0 if row is None else int(row[0])


def backlog_since(connection: duckdb.DuckDBPyConnection, sync: Sync) -> datetime | None:
    """When the oldest of the rows that wait became due (UTC); None if none waits."""
    row = connection.execute(
        "select min(first_due_at) from exports.export_rows where sync_name = ?"
        " and status not in ('acked', 'idle')",
        [sync.name],
    ).fetchone()
    return None if row is None or row[0] is None else row[0].replace(tzinfo=UTC)


def end_run(
    connection: duckdb.DuckDBPyConnection,
    stamp: RunStamp,
    counts: Mapping[str, int],
    outcome: str,
    stop: tuple[str, str] | None = None,
    resume_at: datetime | None = None,
) -> None:
    """Close the run with what it did; `counts` are columns of `export_runs`."""
    given = {
        **counts,
        "outcome": outcome,
        "stop_code": stop and stop[0],
        "stop_message": stop and redact(stop[1]),
        "resume_at": None if resume_at is None else moment(resume_at),
        "ended_at": moment(datetime.now(UTC)),
        "backlog_count": backlog(connection, stamp.sync),
    }
    names = ", ".join(f"{name} = ?" for name in given)
    connection.execute(
        f"update exports.export_runs set {names} where export_run_id = ? and sync_name = ?",
        [*given.values(), stamp.run_id, stamp.sync.name],
    )


def record_stopped_run(
    connection: duckdb.DuckDBPyConnection,
    stamp: RunStamp,
    counts: PlanCounts,
    code: str,
    message: str,
) -> None:
    """A run that sent nothing, because a limit did not hold."""
    with transaction(connection):
        insert_run(connection, stamp, counts, "running")
        end_run(connection, stamp, {}, "failed", (code, message))


def insert_run(
    connection: duckdb.DuckDBPyConnection, stamp: RunStamp, counts: PlanCounts, outcome: str
) -> None:
    """Add the run with what the plan says of it."""
    sync = stamp.sync
    connection.execute(
        """
        insert into exports.export_runs by name
        select ? as export_run_id, ? as sync_name, ? as destination, ? as object_name,
            ? as snapshot_run_id, ? as mapping_hash, ? as accepted_because, ? as outcome,
            ? as row_count, 0 as created_count, 0 as updated_count, 0 as cleared_count,
            0 as deleted_count, ? as unchanged_count, ? as invalid_count, ? as suppressed_count,
            0 as rejected_count, 0 as deferred_count, 0 as backlog_count,
            cast(? as timestamp) as started_at
        """,
        [
            stamp.run_id,
            sync.name,
            sync.destination,
            sync.object_name,
            stamp.snapshot_run_id,
            stamp.mapping_hash,
            stamp.accepted_because,
            outcome,
            counts.rows,
            counts.of("unchanged", "unneeded"),
            counts.of("invalid"),
            counts.of("suppressed"),
            moment(stamp.started_at),
        ],
    )
