"""How long a build may take."""

from __future__ import annotations

import time
from dataclasses import dataclass

from orchestration.lib.failures import RunFailed


class TimeLimitReached(RunFailed):
    """A build took longer than it may. Nothing was published."""


@dataclass(frozen=True)
class TimeLimit:
    """A limit in minutes, None for none, that counts from `began` (`time.monotonic`)."""

    minutes: float | None
    began: float

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the limit, 0 if it is reached; None without one."""
        if self.minutes is None:
            return None
        return max(0.0, self.began + self.minutes * 60 - time.monotonic())

    def check(self, ended: str = "") -> None:
        """Go on only if there is time left; `ended` says what was ended for the limit.

        Raises:
            TimeLimitReached: there is none.
        """
        if self.seconds_left == 0:
            raise TimeLimitReached(
                (
                    f"The build took longer than its limit of {self.minutes:g} minutes."
                    f" {ended}".rstrip(),
                    "Nothing was published; what was served stays served. The next build goes on"
                    " from here; if it is no faster, raise the limit (--time-limit MINUTES).",
                )
            )


NO_TIME_LIMIT = TimeLimit(None, 0.0)


def start_time_limit(minutes: float | None) -> TimeLimit:
    """A limit that counts from now."""
    return TimeLimit(minutes, time.monotonic())
