"""A batch of rows to its end: each row accepted with proof, refused alone, or left for later."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from orchestration.lib.exports.crm.answers import Answer
from orchestration.lib.exports.crm.calls_in_flight import Batch, Emit
from orchestration.lib.exports.crm.circuit import Circuit
from orchestration.lib.exports.crm.read_back import FoundRecord, holds
from orchestration.lib.exports.destination import OutgoingRow, RowOutcome

# How often a row without proof is sent again before it has to stand alone.
_SENDINGS = 2
# A row that goes around between "is there" and "is not there" is left for a later run.
_MOST_SENDINGS = 6

ErrorKind = Literal["rejected", "exists", "absent", "busy", "unclear"]


@dataclass(frozen=True)
class RowError:
    """Why a row or a whole batch was not written.

    `exists` and `absent` say that the record to create is there, or the one to update is not;
    `busy` was not written now; `unclear` may have been. `message` holds no value of the data.
    """

    kind: ErrorKind
    code: str
    message: str


@dataclass(frozen=True)
class BatchAnswer:
    """What one call said: ids of accepted rows and errors of others, by key.

    Rows in neither are without proof. `whole` is an error of the batch as such.
    """

    accepted: Mapping[str, str | None] = field(default_factory=dict)
    errors: Mapping[str, RowError] = field(default_factory=dict)
    whole: RowError | None = None


def unanswered(answer: Answer, destination: str) -> BatchAnswer:
    """What a call without a usable answer says of its rows."""
    kind: ErrorKind = "unclear" if answer.verdict == "unclear" else "busy"
    message = f"{destination} gave no answer: {answer.code}."
    return BatchAnswer(whole=RowError(kind, answer.code, message))


_UNSETTLED = RowError("busy", "UNSETTLED", "The record came and went; tried again later.")


class BatchCalls(Protocol):
    """The calls of one object type of one destination."""

    name: str
    is_update_only: bool
    is_create_only: bool
    can_look_up: bool

    def write(self, rows: Batch, *, is_patient: bool) -> BatchAnswer:
        """Write rows of one operation in one call; a patient one waits through busy times."""
        ...

    def find(self, rows: Sequence[OutgoingRow]) -> Mapping[str, FoundRecord] | None:
        """The records of the rows, with the fields of the rows, by key; None without an answer."""
        ...


@dataclass(frozen=True)
class _Part:
    rows: Batch
    sendings: int = 0

    def again(self, rows: Sequence[OutgoingRow]) -> _Part:
        return _Part(tuple(rows), self.sendings + 1)

    def halves(self) -> tuple[_Part, _Part]:
        middle = len(self.rows) // 2
        return replace(self, rows=self.rows[:middle]), replace(self, rows=self.rows[middle:])


class BatchWriter:
    """Sends batches until each row has an outcome.

    A refused batch is halved until the bad row stands alone. A row without proof is sent again
    (a row to create only after a look whether it is there), then read back. `pause` is how many
    seconds rows rest that were locked.
    """

    def __init__(
        self, calls: BatchCalls, circuit: Circuit, stop: threading.Event, pause: float
    ) -> None:
        self._calls, self._circuit, self._stop = calls, circuit, stop
        self._pause = pause

    def write(self, rows: Batch, emit: Emit) -> None:
        """Write rows of one operation; no row has an outcome twice.

        Raises:
            DestinationStopped: nothing more can be sent; what is certain was emitted.
        """
        parts = deque([_Part(rows)])
        while parts and not self._stop.is_set():
            part = parts.popleft()
            if part.sendings > _MOST_SENDINGS:
                for row in part.rows:
                    self._defer(row, _UNSETTLED, emit)
                continue
            is_whole = len(part.rows) == len(rows) and part.sendings == 0
            answer = self._calls.write(part.rows, is_patient=is_whole)
            if answer.whole is None:
                parts.extend(self._settle_rows(part, answer, emit))
            else:
                parts.extend(self._settle_whole(part, answer.whole, emit))

    def _settle_rows(self, part: _Part, answer: BatchAnswer, emit: Emit) -> list[_Part]:
        """Outcomes of what the answer names, and parts for the rows that it leaves open."""
        further: list[_Part] = []
        unproven: list[OutgoingRow] = []
        locked: list[OutgoingRow] = []
        for row in part.rows:
            error = answer.errors.get(row.key)
            if row.key in answer.accepted and error is None:
                self._accept(row, answer.accepted[row.key], emit)
            elif error is None or error.kind == "unclear":
                unproven.append(row)
            elif error.kind == "busy" and part.sendings < _SENDINGS:
                locked.append(row)
            else:
                further += self._settle_error(part, row, error, emit)
        if unproven:
            error = RowError("unclear", "NO_PROOF", f"{self._calls.name} said nothing of the row.")
            further += self._settle_unproven(part, unproven, error, emit)
        if locked and not self._stop.wait(self._pause):
            further.append(part.again(locked))
        return further

    def _settle_whole(self, part: _Part, error: RowError, emit: Emit) -> list[_Part]:
        if error.kind == "unclear":
            return self._settle_unproven(part, part.rows, error, emit)
        if error.kind == "busy":
            # Ended by another batch that stopped all: the rows stay due as they are.
            for row in () if self._stop.is_set() else part.rows:
                self._defer(row, error, emit)
            return []
        if len(part.rows) > 1:
            return list(part.halves())
        return self._settle_error(part, part.rows[0], error, emit)

    def _settle_error(
        self, part: _Part, row: OutgoingRow, error: RowError, emit: Emit
    ) -> list[_Part]:
        """The outcome of one row that was not written, or the way in which it is tried again."""
        if error.kind in ("busy", "unclear"):
            self._defer(row, error, emit)
        elif error.kind == "exists" and self._calls.can_look_up:
            return self._settle_existing(part, row, error, emit)
        elif error.kind == "absent" and self._may_look_again(row):
            return self._settle_absent(part, row, error, emit)
        else:
            self._reject(row, error, emit)
        return []

    def _settle_existing(
        self, part: _Part, row: OutgoingRow, error: RowError, emit: Emit
    ) -> list[_Part]:
        """The record to create is there: written by a call whose answer was lost, or by others."""
        found = self._calls.find([row])
        record = None if found is None else found.get(row.key)
        if record is not None and holds(record, row.fields):
            self._accept(row, record.remote_id, emit)
        elif record is not None and not self._calls.is_create_only:
            return [_update_of(part, row, record)]
        elif found is None:
            self._defer(row, error, emit)
        else:
            self._reject(row, error, emit)
        return []

    def _settle_absent(
        self, part: _Part, row: OutgoingRow, error: RowError, emit: Emit
    ) -> list[_Part]:
        """The remembered record is gone, by a merge or a deletion: look for it by its key."""
        found = self._calls.find([replace(row, remote_id=None)])
        record = None if found is None else found.get(row.key)
        if found is None:
            self._defer(row, error, emit)
        elif record is not None and record.remote_id != row.remote_id:
            return [_update_of(part, row, record)]
        elif record is None and not self._calls.is_update_only:
            return [part.again([replace(row, operation="create", remote_id=None)])]
        else:
            self._reject(row, error, emit)
        return []

    def _settle_unproven(
        self, part: _Part, rows: Sequence[OutgoingRow], error: RowError, emit: Emit
    ) -> list[_Part]:
        """Rows that may be written or not."""
        if self._stop.is_set():
            return []
        left = list(rows)
        is_creation = left[0].operation == "create"
        is_alone = len(left) == 1
        is_last = part.sendings >= _SENDINGS
        if self._calls.can_look_up and (is_creation or (is_alone and is_last)):
            found = self._calls.find(left)
            if found is None:
                # Nothing can be told, and a creation must not be sent twice blindly.
                for row in left:
                    self._defer(row, error, emit)
                return []
            further: list[_Part] = []
            for row in rows:
                record = found.get(row.key)
                if record is not None and holds(record, row.fields):
                    self._accept(row, record.remote_id, emit)
                    left.remove(row)
                elif record is not None and is_creation and not self._calls.is_create_only:
                    further.append(_update_of(part, row, record))
                    left.remove(row)
            return further + self._further_sendings(part, left, error, emit)
        return self._further_sendings(part, left, error, emit)

    def _further_sendings(
        self, part: _Part, rows: Sequence[OutgoingRow], error: RowError, emit: Emit
    ) -> list[_Part]:
        """Send again, then in halves, then later."""
        if not rows:
            return []
        if part.sendings < _SENDINGS:
            return [part.again(rows)]
        if len(rows) > 1:
            return list(replace(part, rows=tuple(rows)).halves())
        self._defer(rows[0], error, emit)
        return []

    def _may_look_again(self, row: OutgoingRow) -> bool:
        return (
            row.operation == "update"
            and row.remote_id is not None
            and row.remote_id != row.key
            and self._calls.can_look_up
        )

    def _accept(self, row: OutgoingRow, remote_id: str | None, emit: Emit) -> None:
        emit(RowOutcome(row.key, "accepted", remote_id or row.remote_id))
        self._circuit.note_rows(self._calls.name, accepted=1, refused=0, code=None)

    def _reject(self, row: OutgoingRow, error: RowError, emit: Emit) -> None:
        emit(RowOutcome(row.key, "rejected", row.remote_id, error.code, error.message))
        self._circuit.note_rows(self._calls.name, accepted=0, refused=1, code=error.code)

    def _defer(self, row: OutgoingRow, error: RowError, emit: Emit) -> None:
        emit(RowOutcome(row.key, "deferred", row.remote_id, error.code, error.message))


def _update_of(part: _Part, row: OutgoingRow, record: FoundRecord) -> _Part:
    return part.again([replace(row, operation="update", remote_id=record.remote_id)])
