"""A number and the limits that it is held against."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.lib.quality.findings import Severity
from orchestration.lib.quality.limits import Limit


@dataclass(frozen=True)
class Measure:
    """What a check found on one subject, before anybody judged it.

    `said` is a clause for a person that explains the value, without any value of the data.
    `low` and `high` are the limits after what is planned and how long ago the last build was.
    `severity` is that of the limit, or a milder one where the check cannot be sure.
    """

    limit: Limit
    subject: str
    value: float
    low: float | None
    high: float | None
    said: str
    severity: Severity

    @property
    def name(self) -> str:
        """What it is called among all measures of a place."""
        return f"{self.limit.check_id}: {self.subject}"

    @property
    def nearer_limit(self) -> float | None:
        """The limit that the value violates, else the one that it is nearer to."""
        if self.low is None or self.high is None:
            return self.high if self.low is None else self.low
        is_low = abs(self.value - self.low) <= abs(self.value - self.high)
        return self.low if is_low else self.high

    @property
    def bounds(self) -> str:
        """The limits in words."""
        words = []
        if self.low is not None:
            words.append(f"at least {_text(self.low)}")
        if self.high is not None:
            words.append(f"at most {_text(self.high)}")
        return " and ".join(words)

    def sentence(self) -> str:
        """The whole for a person."""
        said = f"{self.subject}: {self.said} ({_text(self.value)}; limit {self.bounds})."
        return f"{said} {self.limit.rationale}".rstrip()


def _text(number: float) -> str:
    if number == int(number):
        return f"{number:,.0f}"
    # Enough digits that a value just beyond a limit does not read like the limit.
    return f"{number:,.1f}" if abs(number) >= 100 else f"{number:.4g}"


def measure(
    limit: Limit,
    subject: str,
    value: float,
    said: str,
    *,
    days: int = 0,
    room: float = 0.0,
    severity: Severity | None = None,
) -> Measure:
    """A measure with the limits of a row, `room` and the `days` since the served day added."""
    low, high = limit.widened(days)
    return Measure(
        limit,
        subject,
        value,
        None if low is None else max(0.0, low),
        None if high is None else high + room,
        said,
        severity or limit.severity,
    )
