"""What an export needs of a destination, whichever it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

Operation = Literal["create", "update", "upsert", "delete"]
Status = Literal["accepted", "rejected", "deferred"]


@dataclass(frozen=True)
class OutgoingRow:
    """One object to write.

    `key` is its value in the match field of the mapping, `remote_id` the destination's own id if
    it is known, `fields` are named as the destination names them (None empties a field).
    `trace_id` is the same for every attempt of the same content.
    """

    key: str
    operation: Operation
    fields: Mapping[str, str | None]
    trace_id: str
    remote_id: str | None = None


@dataclass(frozen=True)
class RowOutcome:
    """What became of one row.

    `rejected` is final until the row or the mapping changes, `deferred` is tried again by a later
    run; `message` holds no value of the data.
    """

    key: str
    status: Status
    remote_id: str | None = None
    code: str | None = None
    message: str | None = None


class DestinationStopped(Exception):  # noqa: N818 - reads as what happened
    """The destination takes no more for now (daily limit, credentials, outage).

    Rows without an outcome stay due. `resume_at` is when to come back (UTC), where it is known.
    """

    def __init__(self, code: str, message: str, resume_at: datetime | None = None) -> None:
        self.code, self.message, self.resume_at = code, message, resume_at
        super().__init__(message)


class Destination(Protocol):
    """One object type of one account in another system; `batch_size` rows go with one call."""

    batch_size: int

    def send(self, rows: Sequence[OutgoingRow]) -> Iterator[RowOutcome]:
        """Write rows of one operation, each key once, in calls of at most `batch_size` rows.

        Any number of rows is taken, and several calls are in flight at a time: hand over many
        (10,000 or all) at once, for a single batch at a time waits for each answer. Yields an
        outcome a row as soon as it is certain, in any order; the caller records them at once.
        Rows without an outcome, because the caller stopped to read or the destination to answer,
        may have been written or not: sent again with the same `trace_id`, they are written once.

        Raises:
            DestinationStopped: nothing more can be sent in this run. Every outcome that was
                certain by then was yielded before.
        """
        ...
