"""What an examination finds, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from orchestration.lib.problems import InputError, Problem

Status = Literal["ok", "notice", "problem"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `remedy` is what to do, empty if nothing."""

    topic: str
    status: Status
    message: str
    remedy: str = ""


def findings_of(topic: str, error: InputError) -> Iterator[Finding]:
    """A finding for each problem of wrong input."""
    for problem in error.problems:
        yield Finding(topic, "problem", message_of(problem), problem.remedy)


def message_of(problem: Problem) -> str:
    """The problem with its place, without its remedy."""
    place = ", ".join(
        str(part)
        for part in (
            problem.file,
            None if problem.row is None else f"row {problem.row}",
            None if problem.column is None else f"column {problem.column}",
        )
        if part
    )
    return f"{place}: {problem.message}" if place else problem.message
