"""What a run saw of the things that people are alerted about."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from orchestration.lib.builds.unexpected import unexpected_lines
from orchestration.lib.failures import RunFailed
from orchestration.lib.problems import InputError
from orchestration.lib.publishing.lock import Holder
from orchestration.lib.quality.findings import QualityFailed, QualityFinding, worst_findings

Kind = Literal["build", "gate", "data_stale", "schema_drift", "export"]

_MOST_LINES = 5
_MOST_CAUSES = 100
# The checks that speak of the age and of the form of the data; all others stand for the gate.
OF_KIND: dict[Kind, frozenset[str]] = {
    "data_stale": frozenset({"raw_missed_business_days"}),
    "schema_drift": frozenset({"raw_vanished_columns", "raw_column_forms", "raw_new_columns"}),
}


@dataclass(frozen=True)
class Observation:
    """How one thing stands: well, if there are no `lines`, else in trouble.

    Attributes:
        kind: what it is.
        subject: which one, where there are several: the name of an export.
        lines: the trouble in sentences without a value of the data, the worst first.
        causes: the same for the same trouble, whatever its numbers are.
        is_lasting: whether people are told of its end; a notice is told once, and that is all.
    """

    kind: Kind
    lines: tuple[str, ...] = ()
    causes: frozenset[str] = frozenset()
    subject: str = ""
    is_lasting: bool = True

    @property
    def topic(self) -> str:
        """Kind and subject in one word."""
        return f"{self.kind}:{self.subject}" if self.subject else self.kind


def trouble(
    kind: Kind, lines: Sequence[str], causes: Iterable[str] | None = None, subject: str = ""
) -> Observation:
    """Something is wrong; without `causes` the lines, but for their numbers, tell them."""
    said = [line for line in lines if line.strip()] or ["It says nothing."]
    told = said if causes is None else causes
    return Observation(kind, tuple(said[:_MOST_LINES]), _hashes(told), subject)


def seen_in_success(findings: Sequence[QualityFinding]) -> tuple[Observation, ...]:
    """A build was published; what its checks found is not worse than a warning."""
    return (Observation("build"), Observation("gate"), *_of_the_data(findings))


def seen_in_failure(error: Exception) -> tuple[Observation, ...]:
    """A build was not published. What it did not come to look at stays as it was."""
    if isinstance(error, QualityFailed):
        return _seen_in_failed_checks(error.findings, error.lines)
    if isinstance(error, InputError):
        texts = [str(problem).strip() for problem in error.problems]
        # Rows come and go; the file and what is wrong with it make the trouble.
        causes = [f"{item.file} {item.column} {item.message}" for item in error.problems]
        return (trouble("build", _first(texts), causes),)
    if isinstance(error, RunFailed):
        return (trouble("build", error.lines, error.lines[:-1] or error.lines),)
    return (trouble("build", unexpected_lines(error)),)


def seen_in_interruption() -> tuple[Observation, ...]:
    """A scheduler or a machine that shuts down ended a build."""
    return (trouble("build", ["The build was ended from outside before it was done."]),)


def seen_in_silence(holder: Holder) -> tuple[Observation, ...]:
    """The build before this one ended without a word."""
    line = f"The build before this one was killed, or its machine stopped ({holder})."
    return (trouble("build", [line], ["silence"]),)


def _seen_in_failed_checks(
    findings: Sequence[QualityFinding], lines: Sequence[str]
) -> tuple[Observation, ...]:
    held = [finding for finding in findings if finding.holds]
    others = [finding for finding in held if _kind(finding) == "gate"]
    seen = list(_of_the_data(findings))
    if others or not held:
        texts = [finding.sentence for finding in worst_findings(others)] or list(lines)
        # The same check on another subject is the same trouble.
        causes = [f"{finding.place} {finding.check_id}" for finding in others] or None
        seen.append(trouble("gate", texts, causes))
    if any(finding.place == "gate" for finding in findings):
        seen.append(Observation("build"))
    return tuple(seen)


def _of_the_data(findings: Sequence[QualityFinding]) -> tuple[Observation, ...]:
    """Whether data are stale or their form has changed, where checks looked at it."""
    seen = []
    for kind in OF_KIND:
        own = [finding for finding in findings if _kind(finding) == kind]
        bad = [finding for finding in own if not finding.is_ok]
        if bad:
            seen.append(
                Observation(
                    kind,
                    tuple(finding.sentence for finding in worst_findings(bad)),
                    _hashes(f"{finding.check_id} {finding.subject}" for finding in bad),
                    is_lasting=any(finding.severity != "notice" for finding in bad),
                )
            )
        elif own:
            seen.append(Observation(kind))
    return tuple(seen)


def _kind(finding: QualityFinding) -> Kind:
    for kind, check_ids in OF_KIND.items():
        if finding.check_id in check_ids:
            return kind
    return "gate"


def _first(texts: Sequence[str]) -> list[str]:
    more = len(texts) - _MOST_LINES
    return [*texts[: _MOST_LINES - 1], f"… and {more + 1} more."] if more > 0 else list(texts)


def _hashes(texts: Iterable[str]) -> frozenset[str]:
    words = sorted({re.sub(r"[\d.,:]+", "#", text) for text in texts})[:_MOST_CAUSES]
    return frozenset(hashlib.sha256(text.encode()).hexdigest()[:16] for text in words)
