"""Salesforce as a destination of exports."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby

from orchestration.lib.exports.crm.batches import BatchWriter
from orchestration.lib.exports.crm.calls_in_flight import Batch, Emit, batches_of, send_in_flight
from orchestration.lib.exports.destination import Operation, OutgoingRow, RowOutcome, Status
from orchestration.lib.exports.salesforce.account import SalesforceAccount, salesforce_account
from orchestration.lib.exports.salesforce.bulk import BulkWriter
from orchestration.lib.exports.salesforce.collections import RECORD_ID, CollectionCalls
from orchestration.lib.exports.salesforce.connection import SalesforceConnection
from orchestration.lib.problems import InputError, Problem

BATCH_SIZE = 200
_NAME = re.compile(r"[A-Za-z]\w*")


class SalesforceDestination:
    """One object type of one Salesforce organisation."""

    batch_size = BATCH_SIZE

    def __init__(
        self, account: SalesforceAccount, object_name: str, match_field: str | None, mode: str
    ) -> None:
        self._account = account
        self._connection = SalesforceConnection(account)
        self._calls = CollectionCalls(self._connection, object_name, match_field, mode)
        self._bulk = BulkWriter(self._connection, self._calls)
        self._writer = BatchWriter(
            self._calls, self._connection.circuit, self._connection.stop, account.waits.locked
        )

    def send(self, rows: Iterable[OutgoingRow]) -> Iterator[RowOutcome]:
        """Write rows, many of them as jobs; see `Destination.send`."""
        every = list(rows)
        if len(every) > self._account.bulk_above:
            yield from self._send_in_jobs(every)
            return
        yield from self._send_in_calls(every)

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    def _send_in_calls(self, rows: Iterable[OutgoingRow]) -> Iterator[RowOutcome]:
        yield from send_in_flight(
            batches_of(rows, self.batch_size),
            self._write,
            self._connection.stop,
            self._account.calls_in_flight,
        )

    def _send_in_jobs(self, rows: list[OutgoingRow]) -> Iterator[RowOutcome]:
        """One job at a time: those of Salesforce run side by side and lock each other's rows."""
        prepared: list[OutgoingRow] = []
        self._connection.stop.clear()
        for _, group in groupby(rows, key=lambda row: row.operation):
            for batch in batches_of(group, self.batch_size):
                outcomes: list[RowOutcome] = []
                for part in self._parts(batch, outcomes.append):
                    prepared.extend(part)
                yield from outcomes
        again: list[OutgoingRow] = []
        prepared.sort(key=lambda row: row.operation)
        for operation, operation_rows in groupby(prepared, key=lambda row: row.operation):
            if operation == "delete":
                # Bulk jobs that delete cannot be matched to their rows.
                again.extend(operation_rows)
                continue
            for job_rows, content in self._bulk.jobs_of(list(operation_rows)):
                outcomes = []
                try:
                    left = self._bulk.write(job_rows, content, outcomes.append)
                finally:
                    yield from outcomes
                again.extend(row for row, _ in left)
        # Locked, unprocessed and already existing rows: Collections settle each of them.
        yield from self._send_in_calls(again)

    def _write(self, batch: Batch, emit: Emit) -> None:
        for part in self._parts(batch, emit):
            self._writer.write(part, emit)

    def _parts(self, batch: Batch, emit: Emit) -> Iterator[Batch]:
        """The rows as Salesforce takes them: updates and deletions go by its own ids."""
        operation = batch[0].operation
        if self._calls.match_field is None:
            wanted: Operation = "update" if operation == "upsert" else operation
            yield tuple(replace(row, operation=wanted, remote_id=row.key) for row in batch)
        elif operation in ("update", "delete"):
            yield from self._looked_up(batch, emit)
        else:
            yield batch

    def _looked_up(self, batch: Batch, emit: Emit) -> Iterator[Batch]:
        known = [row for row in batch if row.remote_id is not None]
        asked = [row for row in batch if row.remote_id is None]
        found = self._calls.find([replace(row, fields={}) for row in asked]) if asked else {}
        for row in asked:
            record = None if found is None else found.get(row.key)
            if record is not None:
                known.append(replace(row, remote_id=record.remote_id))
            elif found is None:
                message = "Salesforce did not answer."
                emit(RowOutcome(row.key, "deferred", None, "NO_ANSWER", message))
            else:
                message = "Salesforce has no record, or several."
                is_gone = row.operation == "delete"
                status: Status = "accepted" if is_gone else "rejected"
                emit(RowOutcome(row.key, status, None, "NOT_FOUND", message))
        if known:
            yield tuple(known)


def open_salesforce(
    object_name: str, match_key: str, mode: str, environment: Mapping[str, str]
) -> SalesforceDestination:
    """The destination for one object type, of the organisation that the environment names.

    `object_name` is the API name, `Lead` or `Contact`. `match_key` is `record_id`, `email` (the
    field `Email`), or the name of an external id field; `mode` is `upsert`, `update_only`,
    `create_only` or `mirror`.

    Raises:
        InputError: a variable is missing or wrong, or key and mode do not go together.
    """
    field = {RECORD_ID: None, "email": "Email"}.get(match_key, match_key)
    if not _NAME.fullmatch(object_name) or (field is not None and not _NAME.fullmatch(field)):
        raise InputError(
            Problem(
                "Salesforce has no object or field of such a name.",
                "Write API names: Lead, Lead_Score_Id__c.",
            )
        )
    if field is None and mode == "create_only":
        raise InputError(
            Problem(
                "Salesforce gives record ids itself, so mode create_only has no record_id.",
                "Match by an external id field.",
            )
        )
    return SalesforceDestination(salesforce_account(environment), object_name, field, mode)
