"""Plain sentences that say why a rule gave points or did not."""

from __future__ import annotations

from orchestration.lib.inspection.explain_values import (
    AlternativeCheck,
    ConditionCheck,
    EventCounts,
    RuleExplanation,
    RulePeriod,
)

_LONGEST_VALUE = 60


def verdict(rule: RuleExplanation) -> str:
    """The verdict in one to three sentences."""
    if not rule.is_in_force:
        return _not_in_force(rule)
    if rule.exclusion_reasons:
        met = "are" if rule.are_conditions_met else "are not"
        return (
            f"It gives nothing: the lead is excluded from scoring"
            f" ({', '.join(rule.exclusion_reasons)}). Apart from that its conditions {met} met."
        )
    if rule.given is not None:
        return _given(rule)
    if rule.are_conditions_met:
        return "Its conditions are met, but the rule is worth 0 points, so the ledger has no line."
    if rule.events is None:
        return f"It gives nothing: {_failing(rule.alternatives)}."
    return f"It gives nothing: {_missing_events(rule, rule.events)}."


def condition_text(condition: ConditionCheck) -> str:
    """A condition as it stands in the seed."""
    parts = (condition.field, condition.operator, condition.operand)
    return " ".join(part for part in parts if part is not None)


def shortened(value: str) -> str:
    """A value that fits into a sentence."""
    return value if len(value) <= _LONGEST_VALUE else value[: _LONGEST_VALUE - 1] + "…"


def period_text(period: RulePeriod) -> str:
    """When a period of a rule is in force, in words."""
    if period.valid_from is None and period.valid_to is None:
        return "always"
    began = "" if period.valid_from is None else f"from {period.valid_from}"
    ended = "" if period.valid_to is None else f"before {period.valid_to}"
    return " ".join(part for part in (began, ended) if part)


def _not_in_force(rule: RuleExplanation) -> str:
    periods = "; ".join(period_text(period) for period in rule.periods)
    return (
        f"It gives nothing: the rule is not in force on {rule.as_of_date} (in force {periods})."
        " Its conditions are not evaluated outside its period."
    )


def _given(rule: RuleExplanation) -> str:
    given = rule.given
    if given is None:
        return ""
    if rule.events is None:
        return f"It gives {given.decayed_points} points: its conditions hold."
    counted = _count(given.occurrences, "event")
    said = f"It gives {given.decayed_points} points for {counted}"
    if rule.events.met > given.occurrences:
        said += f" (of {rule.events.met} that meet the conditions, the most recent)"
    said += f", the last on {given.last_event_date}"
    if given.decayed_points != given.undecayed_points:
        said += f"; {given.undecayed_points} before decay"
    return f"{said}."


def _failing(alternatives: tuple[AlternativeCheck, ...]) -> str:
    """What is wrong with the alternative that comes closest."""
    failing = [
        [condition for condition in alternative.conditions if condition.holds is False]
        for alternative in alternatives
    ]
    nearest = min(failing, key=len, default=[])
    said = " and ".join(_unlike(condition) for condition in nearest)
    if len(alternatives) > 1:
        return (
            f"none of its {len(alternatives)} alternatives holds; the nearest fails because {said}"
        )
    return said


def _unlike(condition: ConditionCheck) -> str:
    wanted = " ".join(part for part in (condition.operator, condition.operand) if part)
    return f"{condition.field} is {shortened(condition.seen or '')}, so `{wanted}` does not hold"


def _missing_events(rule: RuleExplanation, events: EventCounts) -> str:
    if events.total == 0:
        said = f"the lead has no event {events.event_type} up to {rule.as_of_date}"
        if events.later:
            said += f"; {_count(events.later, 'event')} after that day do not exist yet"
        if events.unreadable:
            said += f"; {_count(events.unreadable, 'event')} could not be read"
        return said
    if events.in_window == 0:
        return (
            f"the lead's last event {events.event_type} was on {events.last_date}, outside the"
            f" window of {_count(events.window_days or 0, 'day')}"
        )
    if not any(alternative.is_open for alternative in rule.alternatives):
        return f"the lead does not meet the conditions on the lead: {_failing(rule.alternatives)}"
    inside = "" if events.window_days is None else f" in the last {events.window_days} days"
    if events.met == 0 and events.in_window == 1:
        return f"the only event {events.event_type}{inside} does not meet the conditions"
    if events.met == 0:
        return (
            f"none of the {_count(events.in_window, 'event')} {events.event_type}{inside} meets"
            " the conditions"
        )
    return (
        f"the rule needs {_count(events.needed, 'event')} {events.event_type}{inside}, and"
        f" {events.met} {'meets' if events.met == 1 else 'meet'} the conditions"
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
