"""How a long run tells what it is doing."""

from __future__ import annotations

from typing import Protocol


class Reporter(Protocol):
    """Hears about progress; the command line draws it, Dagster logs it, tests ignore it."""

    def step(self, title: str) -> None:
        """A new step begins, the one before is done."""

    def advance(self, done: int, total: int, what: str) -> None:
        """`done` of `total` parts of the step are finished (total 0: not known yet)."""


class SilentReporter:
    """Says nothing."""

    def step(self, title: str) -> None:
        """Ignored."""

    def advance(self, done: int, total: int, what: str) -> None:
        """Ignored."""
