"""How often an account may be called: at most so many calls in any window, for all threads."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import deque

_FIRST_PAUSE = 0.1
_POLL_SECONDS = 0.02


class CallLimiter:
    """At most `calls` calls in any `period` seconds, as the server counts them.

    The server counts arrivals, which lie somewhere between departure and answer. A call therefore
    holds its place until `period` after its answer; libraries that count departures are refused
    a call whenever one was slower than another.
    """

    def __init__(self, calls: int, period: float) -> None:
        self.calls, self.period = calls, period
        self._lock = threading.Lock()
        self._in_flight = 0
        self._answered: deque[float] = deque()
        self._closed_until = 0.0
        self._refusals = 0

    def enter(self, stop: threading.Event) -> bool:
        """Wait until a call may be made; False if `stop` was set before. Then `leave` follows."""
        while not stop.is_set():
            with self._lock:
                wait = self._seconds_to_wait(time.monotonic())
                if wait <= 0:
                    self._in_flight += 1
                    return True
            stop.wait(wait)
        return False

    def leave(self) -> None:
        """The call was answered, or never will be."""
        with self._lock:
            self._in_flight -= 1
            self._answered.append(time.monotonic())

    def note_success(self) -> None:
        """The account takes calls."""
        with self._lock:
            self._refusals = 0

    def pause(self, *, at_least: float = 0.0, is_growing: bool = True) -> None:
        """Let nobody call for a while: the account said that it is too much, of others or ours.

        Begins with a tenth of the period and doubles, up to all of it, until a call succeeds.
        """
        with self._lock:
            now = time.monotonic()
            grown = 0.0
            # Calls that were in flight when the pause began say nothing new.
            if is_growing and now >= self._closed_until:
                grown = self.period * min(1.0, _FIRST_PAUSE * 2**self._refusals)
                self._refusals += 1
            self._closed_until = max(self._closed_until, now + max(at_least, grown))

    def _seconds_to_wait(self, now: float) -> float:
        while self._answered and self._answered[0] <= now - self.period:
            self._answered.popleft()
        if now < self._closed_until:
            return self._closed_until - now
        if len(self._answered) + self._in_flight < self.calls:
            return 0.0
        return self._answered[0] + self.period - now if self._answered else _POLL_SECONDS


_SHARED: dict[tuple[str, int, float], CallLimiter] = {}
_SHARED_LOCK = threading.Lock()


def limiter_of_account(secret: str, calls: int, period: float) -> CallLimiter:
    """The one limiter of all destinations of this process that bear the same secret."""
    digest = hashlib.sha256(secret.encode()).hexdigest()
    with _SHARED_LOCK:
        return _SHARED.setdefault((digest, calls, period), CallLimiter(calls, period))
