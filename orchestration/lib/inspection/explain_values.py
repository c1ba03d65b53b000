"""What a build knows about one rule and one lead, as values."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class RulePeriod:
    """A period of a rule; None is no bound. `valid_to` is the first day after it."""

    valid_from: date | None
    valid_to: date | None
    points: Decimal
    is_in_force: bool


@dataclass(frozen=True)
class SeenValue:
    """A value, and the number of events in the window that have it."""

    value: str
    events: int


@dataclass(frozen=True)
class ConditionCheck:
    """A condition and what it met.

    Of a condition on the lead: `seen` is the value, `holds` whether it meets the condition. Of one
    on events: `seen_values` are the most frequent values of the events in the window, and
    `events_met` the number of events that meet it. `holds` and `events_met` are None while the
    rule is not in force, since nobody evaluates it then. Values of personal fields are left out.
    """

    field: str
    operator: str
    operand: str | None
    is_on_event: bool
    seen: str | None
    holds: bool | None
    seen_values: tuple[SeenValue, ...] = ()
    events_met: int | None = None


@dataclass(frozen=True)
class AlternativeCheck:
    """Conditions joined by AND.

    `is_open` says whether all conditions on the lead hold (also if there are none), `events_met`
    how many events in the window meet all conditions on events; None as in `ConditionCheck`.
    """

    alternative: str
    conditions: tuple[ConditionCheck, ...]
    is_open: bool | None
    events_met: int | None


@dataclass(frozen=True)
class EventCounts:
    """The lead's events of the rule's type.

    `total` up to the as-of day, `in_window` of them inside the window, `met` of those the events
    that an open alternative accepts, of which `needed` must be there. `later` lie after the as-of
    day, `unreadable` have no readable time; neither exists for the rule. `last_date` is the newest
    of `total`, `last_met_date` that of `met`.
    """

    event_type: str
    window_days: int | None
    needed: int
    total: int
    in_window: int
    met: int
    later: int
    unreadable: int
    last_date: date | None
    last_met_date: date | None


@dataclass(frozen=True)
class GivenPoints:
    """What the rule gave the lead."""

    occurrences: int
    undecayed_points: Decimal
    decayed_points: Decimal
    last_event_date: date | None


@dataclass(frozen=True)
class RuleExplanation:
    """Why a rule gave a lead points or did not, as of the day of the last build.

    `given` is None if it gave none, as to an excluded lead. `is_as_published` is false if the last
    build was not published or another run is served.
    """

    lead_id: str
    rule_id: str
    label: str
    score_id: str
    group_id: str
    applies_to: str
    repeat: str
    max_count: int | None
    points: Decimal
    as_of_date: date
    is_in_force: bool
    exclusion_reasons: tuple[str, ...]
    is_as_published: bool
    periods: tuple[RulePeriod, ...]
    alternatives: tuple[AlternativeCheck, ...]
    events: EventCounts | None
    given: GivenPoints | None

    @property
    def are_conditions_met(self) -> bool:
        """Whether conditions, window and count are met, points or not."""
        if not self.is_in_force:
            return False
        if self.events is not None:
            return self.events.met >= self.events.needed
        return any(alternative.is_open for alternative in self.alternatives)

    def to_json(self) -> dict[str, Any]:
        """As plain values; points as text, so that no digit is lost."""
        content = asdict(self)
        content["has_given_points"] = self.given is not None
        content["are_conditions_met"] = self.are_conditions_met
        return content
