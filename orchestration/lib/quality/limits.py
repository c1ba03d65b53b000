"""The rows of `quality_limits.csv` in force."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from orchestration.lib.inspection.prepared_seeds import SeedRow, read_prepared_seed
from orchestration.lib.quality.findings import Kind, Severity
from orchestration.lib.settings import Settings

EVERYTHING = "all"


@dataclass(frozen=True)
class Limit:
    """One row. `per_day` widens both limits for each day after the first since the served one."""

    check_id: str
    subject: str
    severity: Severity
    kind: Kind
    low: float | None
    high: float | None
    per_day: float
    min_count: int
    compared_days: int
    label_en: str
    label_ja: str
    rationale: str

    def widened(self, days: int) -> tuple[float | None, float | None]:
        """Low and high after so many days since the served snapshot."""
        room = self.per_day * max(0, days - 1)
        low = None if self.low is None else max(0.0, self.low - room)
        return low, None if self.high is None else self.high + room


class Limits:
    """Limits by check and subject; what has no row of its own has that of `all`."""

    def __init__(self, limits: Iterable[Limit]) -> None:
        self._limits = {(limit.check_id, limit.subject): limit for limit in limits}

    def get(self, check_id: str, subject: str) -> Limit:
        """The limit of a check on a subject. Raises KeyError for a check that does not ship."""
        own = self._limits.get((check_id, subject))
        return own or self._limits[(check_id, EVERYTHING)]


def read_limits(settings: Settings) -> Limits:
    """The limits of the seeds that the build prepared."""
    return Limits(
        _limit(row) for row in read_prepared_seed(settings.workdir, "reference", "quality_limits")
    )


def _limit(row: SeedRow) -> Limit:
    check_id = row["limit_id"] or ""
    severity: Severity = "error"
    if row["severity"] in ("warning", "notice"):
        severity = "warning" if row["severity"] == "warning" else "notice"
    return Limit(
        check_id=check_id,
        subject=row.get("subject") or EVERYTHING,
        severity=severity,
        kind="relative" if row.get("kind") == "relative" else "absolute",
        low=_number(row.get("min_value")),
        high=_number(row.get("max_value")),
        per_day=_number(row.get("max_value_per_day")) or 0.0,
        min_count=int(row.get("min_count") or 1),
        compared_days=int(row.get("compared_days") or 0),
        label_en=row.get("label_en") or check_id,
        label_ja=row.get("label_ja") or check_id,
        rationale=row.get("rationale") or "",
    )


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)
