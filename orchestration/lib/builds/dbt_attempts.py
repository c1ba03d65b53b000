"""Running dbt again where it ended for a reason that passes."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable
from dataclasses import replace

from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_attempt, wait_exponential

from orchestration.lib.builds.dbt_run import DbtFinding, DbtResult
from orchestration.lib.builds.reporting import Reporter

MOST_RUNS = 3
# Out of memory, or a fault inside the engine. Whoever sends another signal wants dbt to end.
_CRASHES = frozenset({signal.SIGKILL, signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT})
# What databases say of a file that somebody else holds for a moment, and of lost connections.
_PASSING_WORDS = (
    "could not set lock on file",
    "connection refused",
    "connection reset",
    "connection timed out",
    "could not connect to server",
    "could not translate host name",
    "server closed the connection",
    "terminating connection due to administrator command",
    "the database system is starting up",
)
_wait = wait_exponential(multiplier=5, max=60)


def run_until_it_stays(
    run: Callable[[], DbtResult], reporter: Reporter, most_runs: int = MOST_RUNS
) -> DbtResult:
    """Run dbt, and again if it crashed or lost its database; a failed model or test stays failed.

    What a crashed run had built is up to date and left alone by the next one, its tests run again.

    Returns:
        The result of the last run; `crashes` says why those before it ended.
    """
    crashes: list[str] = []

    def tell(state: RetryCallState) -> None:
        crashes.append(passing_cause(state.outcome.result()) or "" if state.outcome else "")
        number = state.attempt_number + 1
        reporter.step(f"Building and testing with dbt again ({number} of {most_runs})")

    attempts = Retrying(
        retry=retry_if_result(lambda result: passing_cause(result) is not None),
        stop=stop_after_attempt(most_runs),
        wait=_wait,
        before_sleep=tell,
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )
    result: DbtResult = attempts(run)
    return replace(result, crashes=tuple(crashes))


def passing_cause(result: DbtResult) -> str | None:
    """Why dbt failed, if the same run may go well in a moment; else None."""
    if result.exit_code == 0:
        return None
    if -result.exit_code in _CRASHES:
        return f"dbt was ended by {signal.Signals(-result.exit_code).name}"
    said = [*_reasons(result.failures), *result.errors]
    if result.exit_code > 0 and said and all(_is_passing(text) for text in said):
        return f"dbt lost its database ({said[0]})"
    return None


def _reasons(failures: Iterable[DbtFinding]) -> Iterable[str]:
    # A test that found rows has found them, whatever it says of them.
    return ("" if failure.count else failure.detail for failure in failures)


def _is_passing(text: str) -> bool:
    folded = text.lower()
    return any(words in folded for words in _PASSING_WORDS)
