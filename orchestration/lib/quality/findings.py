"""What a check of the data found, and a gate that does not open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from orchestration.lib.failures import RunFailed

Place = Literal["raw", "gate"]
Severity = Literal["error", "warning", "notice"]


@dataclass(frozen=True)
class QualityFinding:
    """One check on one subject: a row of `quality_limits.csv` held against a number.

    `subject` names a table, mart, score, grade or day, `sentence` says the whole for a person;
    neither holds a value of the data. `value` is None where nothing could be measured, `limit`
    where there is nothing to compare with. Only a severity of `error` holds what follows.
    """

    check_id: str
    place: Place
    subject: str
    severity: Severity
    is_ok: bool
    value: float | None
    limit: float | None
    sentence: str


class QualityFailed(RunFailed):
    """Checks with severity `error` failed, so nothing is published. `findings` are all of them."""

    def __init__(self, findings: Iterable[QualityFinding], lines: Iterable[str]) -> None:
        self.findings = tuple(findings)
        super().__init__(lines)
