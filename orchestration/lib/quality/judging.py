"""From measures to findings, and the words that hold a build."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from orchestration.lib.quality.expectations import judge
from orchestration.lib.quality.findings import Place, QualityFailed, QualityFinding, worst_findings
from orchestration.lib.quality.measures import Measure
from orchestration.lib.settings import Settings

NOT_COMPARED = "served_snapshot"
# The machine is at its limit, or somebody stopped it: that says nothing of the data.
MACHINE_ERRORS = (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.InterruptException)
_MOST_SHOWN = 10
_UNTOUCHED = "Nothing was published; what was served stays served."
_PLACES: dict[Place, str] = {"raw": "raw data", "gate": "snapshot"}


def judge_measures(
    settings: Settings, place: Place, measures: Sequence[Measure], *, is_compared: bool
) -> tuple[QualityFinding, ...]:
    """A finding for each measure. An exception on the way is a finding that holds the build.

    Where nothing is served that could be compared with (`is_compared`), a notice says so.
    """
    findings = () if is_compared else (_not_compared(place),)
    return (*findings, *_judged(settings, place, measures)) if measures else findings


def _judged(
    settings: Settings, place: Place, measures: Sequence[Measure]
) -> tuple[QualityFinding, ...]:
    run_name = f"as of {settings.as_of_date.isoformat()}"
    try:
        verdicts = judge(place, measures, run_name, settings.workdir.data_docs)
    except Exception as error:
        return (failed_check(place, error),)
    return tuple(
        _finding(settings, place, measure, is_ok=is_ok)
        for measure, is_ok in zip(measures, verdicts, strict=True)
    )


def _not_compared(place: Place) -> QualityFinding:
    return QualityFinding(
        NOT_COMPARED,
        place,
        _PLACES[place],
        "notice",
        is_ok=True,
        value=None,
        limit=None,
        sentence=f"Nothing is served yet that the {_PLACES[place]} could be compared with.",
        kind="relative",
    )


def failed_check(place: Place, error: Exception) -> QualityFinding:
    """Checks that broke off prove nothing, so they hold the build as a failed one does."""
    # The words of an exception may hold values of the data; its kind does not.
    kind = type(error).__name__
    return QualityFinding(
        "checks_ran",
        place,
        _PLACES[place],
        "error",
        is_ok=False,
        value=None,
        limit=None,
        sentence=f"The checks of the {_PLACES[place]} broke off with {kind}, so nothing is proved.",
    )


def refuse_failed(findings: Sequence[QualityFinding]) -> None:
    """Hold the build if a finding does.

    Raises:
        QualityFailed: with every finding, and the worst of them in words.
    """
    holding = [finding for finding in findings if finding.holds]
    if not holding:
        return
    shown = worst_findings(holding, _MOST_SHOWN)
    lines = [f"{finding.check_id}, {finding.sentence}" for finding in shown]
    if len(holding) > len(shown):
        lines.append(f"… and {len(holding) - len(shown)} more.")
    raise QualityFailed(findings, [*lines, _UNTOUCHED, _remedy(holding)])


def _remedy(holding: Sequence[QualityFinding]) -> str:
    pages = "reports/data_quality shows every check."
    fixed = [finding for finding in holding if finding.kind == "absolute"]
    if not fixed:
        return f"If this is meant, publish it once with `leads build --accept REASON`. {pages}"
    names = ", ".join(dict.fromkeys(finding.check_id for finding in fixed))
    return f"Mend the data, then build again; --accept does not release {names}. {pages}"


def _finding(settings: Settings, place: Place, measure: Measure, *, is_ok: bool) -> QualityFinding:
    is_relative = measure.limit.kind == "relative"
    is_held = not is_ok and measure.severity == "error"
    return QualityFinding(
        check_id=measure.limit.check_id,
        place=place,
        subject=measure.subject,
        severity=measure.severity,
        is_ok=is_ok,
        value=measure.value,
        limit=measure.nearer_limit,
        sentence=measure.sentence(),
        kind=measure.limit.kind,
        is_accepted=is_held and is_relative and settings.accept_reason is not None,
    )
