"""A build whose end is told: by alerts where its state changes, and without a value of the data.

`leads build` and Dagster come by here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from orchestration.lib.alerts.observations import (
    seen_in_failure,
    seen_in_interruption,
    seen_in_silence,
    seen_in_success,
)
from orchestration.lib.alerts.telling import tell
from orchestration.lib.builds.build import BuildResult, build
from orchestration.lib.builds.reporting import Reporter
from orchestration.lib.builds.unexpected import unexpected_lines
from orchestration.lib.failures import RunFailed
from orchestration.lib.problems import InputError
from orchestration.lib.publishing.lock import AnotherBuildRuns, ended_without_a_word
from orchestration.lib.quality.findings import QualityFinding
from orchestration.lib.settings import Settings


@dataclass
class Guard:
    """What is known of the build inside: the findings of its checks, once it is published."""

    findings: Sequence[QualityFinding] = ()


def guarded_build(
    settings: Settings, reporter: Reporter | None = None, *, say: Callable[[str], None]
) -> BuildResult:
    """Build, and tell how it ended.

    Args:
        settings: of the build.
        reporter: hears about progress.
        say: hears in one line of an alert that could not be sent.

    Raises:
        InputError: rules, files or the request itself are wrong; nothing was published.
        RunFailed: whatever else went wrong; nothing was published.
    """
    with guarded(settings, say) as guard:
        result = build(settings, reporter)
        guard.findings = result.quality
    return result


@contextmanager
def guarded(settings: Settings, say: Callable[[str], None]) -> Iterator[Guard]:
    """The steps of a build inside; how they end is told.

    What nobody foresaw comes out as RunFailed, without the message and the chain of exceptions
    that may quote values; LEADS_DEBUG leaves it as it is. Of two ends nobody is told: a build that
    found another one at work did not begin, and whoever interrupts one at a terminal knows it.
    """
    holder = ended_without_a_word(settings.workdir.lock)
    if holder is not None:
        tell(settings, seen_in_silence(holder), say)
    guard = Guard()
    try:
        yield guard
    except AnotherBuildRuns:
        raise
    except Exception as error:
        tell(settings, seen_in_failure(error), say)
        if os.environ.get("LEADS_DEBUG"):
            raise
        if isinstance(error, InputError | RunFailed):
            raise error from None
        raise RunFailed(unexpected_lines(error)) from None
    except BaseException as error:
        is_at_hand = isinstance(error, KeyboardInterrupt) and sys.stdin.isatty()
        if not (is_at_hand or isinstance(error, GeneratorExit)):
            tell(settings, seen_in_interruption(), say)
        raise
    tell(settings, seen_in_success(guard.findings), say)
