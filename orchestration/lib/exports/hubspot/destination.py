"""HubSpot as a destination of exports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from orchestration.lib.exports.crm.batches import BatchWriter
from orchestration.lib.exports.crm.calls_in_flight import Batch, Emit, batches_of, send_in_flight
from orchestration.lib.exports.destination import Operation, OutgoingRow, RowOutcome
from orchestration.lib.exports.hubspot.account import HubSpotAccount, hubspot_account
from orchestration.lib.exports.hubspot.calls import EMAIL, RECORD_ID, HubSpotCalls
from orchestration.lib.exports.hubspot.connection import HubSpotConnection
from orchestration.lib.problems import InputError, Problem

BATCH_SIZE = 100


class HubSpotDestination:
    """One object type of one HubSpot account."""

    batch_size = BATCH_SIZE

    def __init__(
        self, account: HubSpotAccount, object_name: str, match_key: str, mode: str
    ) -> None:
        self._connection = HubSpotConnection(account)
        self._calls = HubSpotCalls(self._connection, object_name, match_key, mode)
        self._writer = BatchWriter(
            self._calls, self._connection.circuit, self._connection.stop, account.waits.locked
        )
        self._match_key = match_key

    def send(self, rows: Iterable[OutgoingRow]) -> Iterator[RowOutcome]:
        """Write rows, several batches at a time; see `Destination.send`."""
        yield from send_in_flight(
            batches_of(rows, self.batch_size),
            self._write,
            self._connection.stop,
            self._connection.account.calls_in_flight,
        )

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    def _write(self, batch: Batch, emit: Emit) -> None:
        for part in self._parts(batch, emit):
            self._writer.write(part, emit)

    def _parts(self, batch: Batch, emit: Emit) -> Iterator[Batch]:
        """The rows as HubSpot takes them: what cannot be upserted is looked up first."""
        operation = batch[0].operation
        if self._match_key == RECORD_ID:
            # A record id is given by HubSpot, so there is nothing to create by one.
            wanted: Operation = "update" if operation == "upsert" else operation
            yield _as(batch, wanted)
        elif operation == "delete" or (
            self._match_key == EMAIL and operation in ("upsert", "update")
        ):
            yield from self._looked_up(batch, emit)
        elif operation == "update":
            # The unique property stays when records are merged, the remembered id may not.
            yield tuple(replace(row, remote_id=None) for row in batch)
        else:
            yield batch

    def _looked_up(self, batch: Batch, emit: Emit) -> Iterator[Batch]:
        known = {row.key: row for row in batch if row.remote_id is not None}
        asked = [row for row in batch if row.remote_id is None]
        found = self._calls.find([replace(row, fields={}) for row in asked]) if asked else {}
        if found is None:
            for row in asked:
                emit(RowOutcome(row.key, "deferred", None, "NO_ANSWER", "HubSpot did not answer."))
        for row in asked if found is not None else ():
            if (record := (found or {}).get(row.key)) is not None:
                known[row.key] = replace(row, remote_id=record.remote_id)
        operation = batch[0].operation
        written: Operation = "delete" if operation == "delete" else "update"
        if known:
            yield _as(tuple(known.values()), written)
        unknown = tuple(row for row in asked if row.key not in known) if found is not None else ()
        if operation == "upsert" and unknown:
            yield _as(unknown, "create")
            return
        for row in unknown:
            if operation == "delete":
                emit(RowOutcome(row.key, "accepted", None, "NOT_FOUND", "HubSpot has no record."))
            else:
                emit(RowOutcome(row.key, "rejected", None, "NOT_FOUND", "HubSpot has no record."))


def open_hubspot(
    object_name: str, match_key: str, mode: str, environment: Mapping[str, str]
) -> HubSpotDestination:
    """The destination for one object type, of the account that the environment names.

    `object_name` is `contacts`, `companies` or any type HubSpot knows. `match_key` is
    `record_id`, `email`, or the name of a property with unique values; `mode` is `upsert`,
    `update_only`, `create_only` or `mirror`.

    Raises:
        InputError: a variable is missing or wrong, or key and mode do not go together.
    """
    if not object_name.replace("-", "").replace("_", "").isalnum():
        raise InputError(
            Problem("HubSpot has no object of such a name.", "Write contacts or companies.")
        )
    if match_key == RECORD_ID and mode == "create_only":
        raise InputError(
            Problem(
                "HubSpot gives record ids itself, so mode create_only has no record_id.",
                "Match by a property with unique values.",
            )
        )
    if match_key == EMAIL and object_name != "contacts":
        raise InputError(
            Problem(
                "only contacts are matched by email in HubSpot.",
                "Match by record_id or by a property with unique values.",
            )
        )
    return HubSpotDestination(hubspot_account(environment), object_name, match_key, mode)


def _as(batch: Batch, operation: Operation) -> Batch:
    return tuple(replace(row, operation=operation) for row in batch)
