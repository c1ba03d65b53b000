"""The steps of a build: told to whoever watches, timed, and held to the limit."""

from __future__ import annotations

import time

from orchestration.lib.builds.events import BuildEvent, tell
from orchestration.lib.builds.reporting import Reporter
from orchestration.lib.builds.time_limit import NO_TIME_LIMIT


class StepClock:
    """Passes progress on and takes the time of each step; between them it minds the limit."""

    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter
        self.limit = NO_TIME_LIMIT
        self.seconds: dict[str, float] = {}
        self._title: str | None = None
        self._began = time.monotonic()

    def step(self, title: str) -> None:
        """A step begins, and the one before it ends."""
        self.limit.check()
        self.finish()
        self._title = title
        self.reporter.step(title)

    def advance(self, done: int, total: int, what: str) -> None:
        """So much of the step is done."""
        self.limit.check()
        self.reporter.advance(done, total, what)

    def hear(self, event: BuildEvent) -> None:
        """Something happened that a listener may want to know."""
        tell(self.reporter, event)

    def finish(self) -> None:
        """The last step ends."""
        now = time.monotonic()
        if self._title is not None:
            self.seconds[self._title] = round(now - self._began, 3)
        self._title = None
        self._began = now
