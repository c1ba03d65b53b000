"""What a call to another system came to, and how long to wait before it is made again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_result,
    wait_exponential_jitter,
)
from tenacity.nap import sleep_using_event

Verdict = Literal["done", "refused", "busy", "unclear", "unsent"]


@dataclass(frozen=True)
class Answer:
    """One answer, read.

    `done` is a well-formed success, `refused` a no to this request, `busy` a no for now. After
    `unclear` (no answer, an error of the server, a broken success) the write may have happened or
    not, after `unsent` it has not. `body` is the JSON that came, `code` says what it was in words
    of the destination, `wait` how many seconds it asked to wait.
    """

    verdict: Verdict
    status: int
    code: str
    body: object = None
    wait: float | None = None


@dataclass(frozen=True)
class Waits:
    """Seconds to wait, and how often a call is made before it is given up.

    A whole batch is tried `attempts` times, a part of one `attempts_of_part` times.
    `first` doubles with each attempt up to `longest`. A destination that asks to wait for more
    than `patience` ends the run instead.
    """

    attempts: int = 7
    attempts_of_part: int = 2
    first: float = 1.0
    longest: float = 30.0
    patience: float = 60.0
    locked: float = 2.0
    second: float = 1.0
    poll: float = 2.0
    job_patience: float = 3600.0


def patiently(
    call: Callable[[], Answer],
    waits: Waits,
    stop: threading.Event,
    *,
    may_repeat: bool,
    attempts: int | None = None,
) -> Answer:
    """Make a call again while that may help; the last answer, whatever it is.

    What is `busy` or `unsent` was not written and is always sent again, what is `unclear` only if
    it `may_repeat`: a write that gives the same result twice, or a read. `attempts` limits those
    that failed; what is `busy` is always waited for.
    """
    again: set[Verdict] = {"busy", "unsent", "unclear"} if may_repeat else {"busy", "unsent"}
    backoff = wait_exponential_jitter(multiplier=waits.first, max=waits.longest, jitter=waits.first)

    def wait(state: RetryCallState) -> float:
        answer: Answer | None = state.outcome.result() if state.outcome else None
        if answer is not None and answer.wait is not None:
            return answer.wait
        return backoff(state)

    def is_enough(state: RetryCallState) -> bool:
        answer: Answer | None = state.outcome.result() if state.outcome else None
        is_busy = answer is not None and answer.verdict == "busy"
        return state.attempt_number >= (waits.attempts if is_busy else attempts or waits.attempts)

    retrying = Retrying(
        retry=retry_if_result(lambda answer: answer.verdict in again),
        wait=wait,
        stop=lambda state: stop.is_set() or is_enough(state),
        sleep=sleep_using_event(stop),
        retry_error_callback=_last_answer,
    )
    return retrying(call)


def seconds_of(retry_after: str | None) -> float | None:
    """The seconds of a header `Retry-After`: a number or a date; None if it holds neither."""
    if not retry_after:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            moment = parsedate_to_datetime(retry_after)
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (moment - datetime.now(UTC)).total_seconds()
    # A week is more than any destination asks for; `inf` and `nan` are no times.
    return min(seconds, 604800.0) if seconds >= 0 else 0.0 if seconds < 0 else None


def _last_answer(state: RetryCallState) -> Answer:
    assert state.outcome is not None  # noqa: S101 - tenacity calls back after an attempt only
    answer: Answer = state.outcome.result()
    return answer
