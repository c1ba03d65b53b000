"""Bulk API 2.0: a CSV file up, a job, and three CSV files that tell of every row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from orchestration.lib.exports.crm.answers import Answer
from orchestration.lib.exports.crm.batches import RowError
from orchestration.lib.exports.crm.calls_in_flight import Batch, Emit
from orchestration.lib.exports.destination import DestinationStopped, OutgoingRow, RowOutcome
from orchestration.lib.exports.salesforce.collections import CollectionCalls
from orchestration.lib.exports.salesforce.connection import NAME, SalesforceConnection, get
from orchestration.lib.exports.salesforce.errors import (
    DEFINITION_CODES,
    LIMIT_CODES,
    code_in,
    fields_in,
    row_error,
)

# An empty cell leaves a field as it is; this word empties it.
_NULL = "#N/A"
_OPERATIONS = {"upsert": "upsert", "update": "update", "create": "insert"}
_ENDED = frozenset({"JobComplete", "Failed", "Aborted"})
_REST = timedelta(minutes=15)


class BulkWriter:
    """Writes many rows of one operation as jobs."""

    def __init__(self, connection: SalesforceConnection, calls: CollectionCalls) -> None:
        self._connection, self._calls = connection, calls

    def jobs_of(self, rows: Sequence[OutgoingRow]) -> Iterator[tuple[Batch, bytes]]:
        """The rows in files that a job takes."""
        account = self._connection.account
        columns = sorted({name for row in rows for name in self._calls.record_fields(row)})
        part: list[OutgoingRow] = []
        file = _File(columns)
        for row in rows:
            file.add(self._calls.record_fields(row))
            part.append(row)
            if len(part) == account.bulk_rows or file.size >= account.bulk_bytes:
                yield tuple(part), file.content()
                part, file = [], _File(columns)
        if part:
            yield tuple(part), file.content()

    def write(self, rows: Batch, content: bytes, emit: Emit) -> list[tuple[OutgoingRow, RowError]]:
        """Run a job to its end; the rows that may still be written, with what came of them.

        Raises:
            DestinationStopped: nothing more can be sent, or the job does not end.
        """
        job = self._create(rows[0])
        upload = self._connection.call("PUT", f"{job}/batches", content=content)
        if upload.verdict != "done":
            self._abort(job)
            raise _stopped(upload, "took no file")
        closed = self._connection.call("PATCH", job, body={"state": "UploadComplete"})
        # A job whose first "complete" was heard and not answered refuses the second one.
        if closed.verdict != "done" and get(self._connection.call("GET", job).body, "state") in (
            None,
            "Open",
        ):
            raise _stopped(closed, "did not begin the job")
        state = self._wait(job)
        left = self._settle(job, rows, emit)
        if get(state.body, "state") == "Failed" and len(left) == len(rows):
            code = code_in(get(state.body, "errorMessage"))
            raise DestinationStopped(
                code, f"Salesforce's job failed before its first row ({code}). Look at the mapping."
            )
        return left

    def _create(self, row: OutgoingRow) -> str:
        body: dict[str, object] = {
            "object": self._calls.object_name,
            "operation": _OPERATIONS[row.operation],
            "contentType": "CSV",
            "lineEnding": "LF",
            "columnDelimiter": "COMMA",
        }
        if row.operation == "upsert":
            body["externalIdFieldName"] = self._calls.match_field
        # A job without a file does nothing, so that a lost answer leaves nothing behind.
        answer = self._connection.call("POST", "/jobs/ingest", body=body)
        job = get(answer.body, "id")
        if answer.verdict != "done" or not isinstance(job, str) or not job.isalnum():
            raise _stopped(answer, "opened no job")
        return f"/jobs/ingest/{job}"

    def _wait(self, job: str) -> Answer:
        """The job when it has ended, asked for less and less often."""
        waits, stop = self._connection.account.waits, self._connection.stop
        wait, waited = waits.poll, 0.0
        while True:
            answer = self._connection.call("GET", job)
            if answer.verdict == "done" and get(answer.body, "state") in _ENDED:
                return answer
            if stop.wait(wait) or waited > waits.job_patience or answer.verdict == "refused":
                raise DestinationStopped(
                    "JOB_UNFINISHED",
                    "Salesforce has not ended a job; its rows are sent again later.",
                    datetime.now(UTC) + _REST,
                )
            waited += wait
            wait = min(wait * 1.5, waits.longest)

    def _abort(self, job: str) -> None:
        self._connection.call("PATCH", job, body={"state": "Aborted"}, attempts=1)

    def _settle(self, job: str, rows: Batch, emit: Emit) -> list[tuple[OutgoingRow, RowError]]:
        """Outcomes of the rows that the results name; the others may be sent again."""
        column = self._name_column(rows[0].operation)
        open_rows = {
            (self._calls.record_fields(row).get(column) or "").casefold(): row for row in rows
        }
        again: list[tuple[OutgoingRow, RowError]] = []
        for record in self._results(job, "successfulResults"):
            row = open_rows.pop((record.get(column) or "").casefold(), None)
            if row is not None and record.get("sf__Id"):
                emit(RowOutcome(row.key, "accepted", record["sf__Id"]))
                self._connection.circuit.note_rows(NAME, accepted=1, refused=0, code=None)
        for record in self._results(job, "failedResults"):
            row = open_rows.pop((record.get(column) or "").casefold(), None)
            if row is None:
                continue
            text = record.get("sf__Error") or ""
            code = code_in(text)
            if code in DEFINITION_CODES or code in LIMIT_CODES:
                raise DestinationStopped(
                    code,
                    f"Salesforce refuses the rows ({code}). Look at the mapping in exports.yml, at "
                    "the rights of the app's user and at the limits of the organisation.",
                )
            error = row_error(code, fields_in(text), row.fields)
            if error.kind == "rejected":
                emit(RowOutcome(row.key, "rejected", row.remote_id, error.code, error.message))
                self._connection.circuit.note_rows(NAME, accepted=0, refused=1, code=error.code)
            else:
                again.append((row, error))
        unprocessed = RowError("busy", "UNPROCESSED", "Salesforce's job ended before the row.")
        return again + [(row, unprocessed) for row in open_rows.values()]

    def _results(self, job: str, name: str) -> Iterator[dict[str, str]]:
        answer = self._connection.call("GET", f"{job}/{name}", is_text=True)
        if answer.verdict != "done" or not isinstance(answer.body, str):
            raise _stopped(answer, "did not tell the results of a job")
        yield from csv.DictReader(io.StringIO(answer.body, newline=""))

    def _name_column(self, operation: str) -> str:
        return "Id" if operation == "update" else self._calls.match_field or "Id"


class _File:
    """A CSV file in the making; `size` counts its bytes."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        self._bytes = io.BytesIO()
        self._text = io.TextIOWrapper(self._bytes, encoding="utf-8", newline="", write_through=True)
        self._writer = csv.writer(self._text, lineterminator="\n")
        self._writer.writerow(columns)

    def add(self, fields: dict[str, str | None]) -> None:
        """A row; a field that it has not stays as it is."""
        cells = [(fields[name] or _NULL) if name in fields else "" for name in self._columns]
        self._writer.writerow(cells)

    @property
    def size(self) -> int:
        return self._bytes.tell()

    def content(self) -> bytes:
        return self._bytes.getvalue()


def _stopped(answer: Answer, what: str) -> DestinationStopped:
    return DestinationStopped(
        answer.code,
        f"Salesforce {what} ({answer.code}); the rows are sent later.",
        datetime.now(UTC) + _REST,
    )
