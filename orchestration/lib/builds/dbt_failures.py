"""What to tell a person about models and tests that failed or warned."""

from __future__ import annotations

from collections.abc import Sequence

from orchestration.lib.builds.dbt_run import DbtFinding, DbtResult
from orchestration.lib.builds.rejections import Rejection
from orchestration.lib.failures import RunFailed
from orchestration.lib.problems import InputError, Notice, Problem

_MAX_SHOWN = 10
_UNTOUCHED = "Nothing was published; what was served stays served."


def dbt_failure(result: DbtResult, rejections: Sequence[Rejection] = ()) -> Exception:
    """The exception that says why dbt failed: InputError if a test blames the input."""
    sentences = [failure_sentence(failure) for failure in result.failures]
    if any(failure.is_wrong_input for failure in result.failures):
        problems = [Problem(sentence, "") for sentence in sentences]
        problems += [Problem(rejection_sentence(rejection), "") for rejection in rejections]
        problems.append(Problem(_UNTOUCHED, "Correct the files, then build again."))
        return InputError(problems)
    shown = sentences[:_MAX_SHOWN]
    if len(sentences) > _MAX_SHOWN:
        shown.append(f"… and {len(sentences) - _MAX_SHOWN} more.")
    if not sentences:
        shown = [f"dbt failed: {error}" for error in result.errors] or [
            f"dbt failed with exit code {result.exit_code}."
        ]
    return RunFailed([*shown, _UNTOUCHED])


def failure_sentence(failure: DbtFinding) -> str:
    """One failed model or test in one line; for a test with what it stands for."""
    if failure.kind != "test":
        return f"The {failure.kind} {failure.name} failed: {failure.detail}"
    rows = "" if not failure.count else f" ({_rows(failure.count)})"
    return f"The test {failure.name} failed{rows}: {failure.description or failure.detail}"


def warning_notice(warning: DbtFinding) -> Notice:
    """A test that only warns, as a notice."""
    rows = "" if not warning.count else f" ({_rows(warning.count)})"
    return Notice(f"{warning.description or warning.name}{rows}")


def rejection_sentence(rejection: Rejection) -> str:
    """One reason why rows could not be used, or only in part, with their number."""
    rows = _rows(rejection.row_count)
    table = f"{rejection.source_name} {rejection.table_name}"
    return f"{table}: {rows} not used as they stand ({rejection.reason})."


def _rows(count: int) -> str:
    return f"{count:,} {'row' if count == 1 else 'rows'}"
