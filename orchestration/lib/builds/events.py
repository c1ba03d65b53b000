"""What a build tells a machine while it runs: which tables now hold what.

People are told by the methods of `Reporter`; a reporter that is a `Listener` too hears this as
well, such as the one that fills the orchestrator's catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from orchestration.lib.builds.reporting import Reporter
from orchestration.lib.landing import LandingReport


@dataclass(frozen=True)
class SourceLanded:
    """The raw tables of a source stand in the build file."""

    source: str
    report: LandingReport


@dataclass(frozen=True)
class NodeFinished:
    """dbt is done with a node, well or not.

    `log_event` is the line of dbt's structured log. Its `info.msg` and `data` may quote values of
    the data where the node failed; names, states, times and counts do not.
    """

    log_event: Mapping[str, Any]


@dataclass(frozen=True)
class NodesSettled:
    """Every node of the project is up to date and no test failed.

    `warned` names the tests that warned, in this run or in the earlier one whose result holds.
    """

    warned: frozenset[str]


BuildEvent = SourceLanded | NodeFinished | NodesSettled


@runtime_checkable
class Listener(Protocol):
    """Hears about events."""

    def hear(self, event: BuildEvent) -> None:
        """Called as soon as it is so; an exception stops the build."""


def tell(reporter: Reporter, event: BuildEvent) -> None:
    """Pass an event on, if the reporter is one that listens."""
    if isinstance(reporter, Listener):
        reporter.hear(event)


class StepsOnly:
    """A reporter without its ear for events: what runs now is not the build's own work."""

    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter

    def step(self, title: str) -> None:
        """Passed on."""
        self.reporter.step(title)

    def advance(self, done: int, total: int, what: str) -> None:
        """Passed on."""
        self.reporter.advance(done, total, what)
