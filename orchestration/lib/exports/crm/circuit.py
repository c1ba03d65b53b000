"""When to stop: a destination that is down, and one that refuses every row."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from orchestration.lib.exports.crm.answers import Answer
from orchestration.lib.exports.destination import DestinationStopped

# Seven calls in flight that fail as often as a call is made, or a batch halved down to its row.
_FAILED_CALLS = 40
_REFUSED_ROWS = 200
_OUTAGE_REST = timedelta(minutes=15)


class Circuit:
    """Counts, over all threads, what went wrong since anything went right."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failed_calls = 0
        self._refused_rows = 0

    def note_answer(self, name: str, answer: Answer) -> None:
        """Count an answer.

        Raises:
            DestinationStopped: the destination has not answered for many calls in a row.
        """
        with self._lock:
            is_failed = answer.verdict in ("unclear", "unsent")
            self._failed_calls = self._failed_calls + 1 if is_failed else 0
            is_down = self._failed_calls >= _FAILED_CALLS
        if is_down:
            raise DestinationStopped(
                "OUTAGE",
                f"{name} failed {_FAILED_CALLS} calls in a row, last with {answer.code}.",
                datetime.now(UTC) + _OUTAGE_REST,
            )

    def note_rows(self, name: str, accepted: int, refused: int, code: str | None) -> None:
        """Count rows with a final outcome.

        Raises:
            DestinationStopped: many rows in a row were refused and none accepted, which is a
                mistake of the mapping or of the rights, not of the rows.
        """
        with self._lock:
            self._refused_rows = 0 if accepted else self._refused_rows + refused
            is_hopeless = self._refused_rows >= _REFUSED_ROWS
        if is_hopeless:
            raise DestinationStopped(
                code or "REFUSED",
                f"{name} refused {_REFUSED_ROWS} rows in a row, last with {code}. "
                "Look at the mapping in exports.yml and at the fields in the destination.",
            )
