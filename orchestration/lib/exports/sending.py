"""Sending the rows of a plan, and writing down each answer as soon as it is certain."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from orchestration.lib.builds.reporting import Reporter
from orchestration.lib.exports.destination import (
    Destination,
    DestinationStopped,
    Operation,
    OutgoingRow,
    RowOutcome,
)
from orchestration.lib.exports.recording import (
    leave_unanswered,
    note_attempt,
    record_outcomes,
)
from orchestration.lib.exports.run_log import RunStamp
from orchestration.lib.exports.sync import FieldMapping, Sync

# Rows that are handed to a destination at once; it has several calls of them in flight.
CHUNK_ROWS = 10_000
# Answers are written down so many at a time, or what came in within so many seconds. A message
# cannot be sent twice without a person seeing it, so each is written down by itself.
_MOST_UNRECORDED = 500
_SECONDS_UNRECORDED = 0.25
_COUNTS = {
    "create": "created_count",
    "update": "updated_count",
    "clear": "cleared_count",
    "delete": "deleted_count",
}


@dataclass
class Sent:
    """What became of the rows of a run so far; `counts` are columns of `export_runs`."""

    due: int
    counts: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    stop: tuple[str, str] | None = None
    resume_at: datetime | None = None

    @property
    def accepted(self) -> int:
        """Rows that the destination accepted."""
        return sum(self.counts[name] for name in _COUNTS.values())

    @property
    def answered(self) -> int:
        """Rows of which it is known what became of them."""
        return self.accepted + self.counts["rejected_count"] + self.counts["deferred_count"]


@dataclass(frozen=True)
class _DueRow:
    seq: int
    row_key: str
    action: str
    row: OutgoingRow


def send_due(
    connection: duckdb.DuckDBPyConnection,
    destination: Destination,
    stamp: RunStamp,
    mapping: Mapping[str, FieldMapping],
    due: int,
    reporter: Reporter,
) -> Sent:
    """Send the rows of the table `plan` that have a `seq`.

    Whatever goes wrong in the destination ends the run and is told, never raised.
    """
    sent = Sent(due)
    try:
        for operation, rows in _chunks(connection, stamp.sync, mapping):
            note_attempt(connection, stamp, rows[0].seq, rows[-1].seq)
            _send_chunk(connection, destination, stamp, operation, rows, sent, reporter)
    except DestinationStopped as stopped:
        sent.stop, sent.resume_at = (stopped.code, stopped.message), stopped.resume_at
    except duckdb.Error:
        raise
    except Exception as error:
        sent.stop = (
            "unexpected",
            f"The destination failed with {type(error).__name__}; what it accepted is recorded.",
        )
    leave_unanswered(connection, stamp)
    return sent


def _send_chunk(
    connection: duckdb.DuckDBPyConnection,
    destination: Destination,
    stamp: RunStamp,
    operation: Operation,
    rows: list[_DueRow],
    sent: Sent,
    reporter: Reporter,
) -> None:
    known = {row.row.key: row for row in rows}
    row_keys = {key: row.row_key for key, row in known.items()}
    waiting: list[RowOutcome] = []
    most = 1 if destination.batch_size == 1 else _MOST_UNRECORDED
    recorded_at = time.monotonic()

    def record() -> None:
        nonlocal recorded_at
        if waiting:
            record_outcomes(connection, stamp, operation, waiting, row_keys)
            _count(sent, waiting, known)
            waiting.clear()
            reporter.advance(sent.answered, sent.due, stamp.sync.name)
        recorded_at = time.monotonic()

    try:
        for outcome in destination.send([row.row for row in rows]):
            if outcome.key in row_keys:
                waiting.append(outcome)
            is_time = time.monotonic() - recorded_at > _SECONDS_UNRECORDED
            if len(waiting) >= most or is_time:
                record()
    finally:
        # What was certain before a stop is recorded too.
        record()


def _count(sent: Sent, outcomes: list[RowOutcome], known: Mapping[str, _DueRow]) -> None:
    for outcome in outcomes:
        if outcome.status == "accepted":
            sent.counts[_COUNTS[known[outcome.key].action]] += 1
        else:
            sent.counts[f"{outcome.status}_count"] += 1
            sent.errors[outcome.code or outcome.status] += 1


def _chunks(
    connection: duckdb.DuckDBPyConnection, sync: Sync, mapping: Mapping[str, FieldMapping]
) -> Iterator[tuple[Operation, list[_DueRow]]]:
    """The due rows in the order of the plan, a chunk of one operation each."""
    filled = {name for name, entry in mapping.items() if entry.send_when == "filled"}
    last = 0
    while True:
        found = connection.execute(
            "select seq, row_key, action, match_value, fields, remote_id, acked_count, desired_hash"
            " from plan where seq > ? order by seq limit ?",
            [last, CHUNK_ROWS],
        ).fetchall()
        if not found:
            return
        operation = operation_of(sync, str(found[0][2]))
        rows: list[_DueRow] = []
        for seq, row_key, action, match_value, fields, remote_id, acked_count, desired in found:
            if operation_of(sync, action) != operation:
                break
            last = seq
            values: dict[str, str | None] = json.loads(fields)
            if action != "clear":
                values = {
                    name: value
                    for name, value in values.items()
                    if value is not None or name not in filled
                }
            trace = trace_id(sync, row_key, acked_count, desired)
            outgoing = OutgoingRow(
                match_value, operation, {} if action == "delete" else values, trace, remote_id
            )
            rows.append(_DueRow(seq, row_key, action, outgoing))
        yield operation, rows


def operation_of(sync: Sync, action: str) -> Operation:
    """What a destination is asked for."""
    if action == "delete":
        return "delete"
    if sync.mode == "create_only":
        return "create"
    if action == "clear" or sync.mode == "update_only" or sync.match_key == "record_id":
        return "update"
    return "upsert"


def trace_id(sync: Sync, row_key: str, acked_count: int, desired_hash: str) -> str:
    """The same for every attempt of one content, another one when the content comes back later.

    What is created once and never changed is one message, whatever it says by now.
    """
    content = "" if sync.mode == "create_only" else f"{acked_count}|{desired_hash}"
    return hashlib.sha256(f"{sync.name}|{row_key}|{content}".encode()).hexdigest()[:32]
