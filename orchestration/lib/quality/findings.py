"""What a check of the data found, and a gate that does not open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from orchestration.lib.failures import RunFailed

Place = Literal["raw", "gate"]
Severity = Literal["error", "warning", "notice"]
# An absolute limit holds by itself; a relative one compares with the past, which may change on
# purpose, so that a reason releases it.
Kind = Literal["absolute", "relative"]

_ORDER: tuple[Severity, ...] = ("error", "warning", "notice")


@dataclass(frozen=True)
class QualityFinding:
    """One check on one subject: a row of `quality_limits.csv` held against a number.

    `subject` names a table, mart, score, grade or day, `sentence` says the whole for a person;
    neither holds a value of the data. `value` is None where nothing could be measured, `limit`
    where there is nothing to compare with; of a lower and an upper limit it is the nearer one.
    Only a severity of `error` holds what follows, unless a reason was given for a relative one
    (`is_accepted`).
    """

    check_id: str
    place: Place
    subject: str
    severity: Severity
    is_ok: bool
    value: float | None
    limit: float | None
    sentence: str
    kind: Kind = "absolute"
    is_accepted: bool = False

    @property
    def holds(self) -> bool:
        """Whether it keeps the build from being published."""
        return self.severity == "error" and not self.is_ok and not self.is_accepted

    @property
    def excess(self) -> float:
        """How far beyond its limit the value lies, as a share of the limit; 0 within it.

        A comparable measure of how bad findings of different checks are.
        """
        if self.is_ok or self.value is None or self.limit is None:
            return 0.0
        return abs(self.value - self.limit) / max(abs(self.limit), 0.01)

    def to_json(self) -> dict[str, Any]:
        """As the record of a build and its manifest hold it."""
        return asdict(self)


def finding_from_json(content: Mapping[str, Any]) -> QualityFinding:
    """The finding that `to_json` wrote."""
    return QualityFinding(**content)


def worst_findings(findings: Iterable[QualityFinding], count: int = 3) -> Sequence[QualityFinding]:
    """The failed checks that matter most: those that hold, then errors, then by their excess."""
    failed = [finding for finding in findings if not finding.is_ok]
    failed.sort(
        key=lambda finding: (
            not finding.holds,
            _ORDER.index(finding.severity),
            -finding.excess,
            finding.check_id,
            finding.subject,
        )
    )
    return failed[:count]


class QualityFailed(RunFailed):
    """Checks with severity `error` failed, so nothing is published. `findings` are all of them."""

    def __init__(self, findings: Iterable[QualityFinding], lines: Iterable[str]) -> None:
        self.findings = tuple(findings)
        super().__init__(lines)
