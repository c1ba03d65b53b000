"""Which past days a build scores beside its own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from orchestration.lib.problems import InputError, Problem
from orchestration.lib.settings import Settings
from orchestration.lib.settings.resolving import project_variables
from orchestration.lib.settings.settings import BUNDLED_ORIGIN
from orchestration.lib.state import recorded_days

_DAY = timedelta(days=1)


def choose_history_days(
    as_of_date: date, recorded: Collection[date], start: date | None
) -> tuple[date, ...]:
    """The days before `as_of_date` to score with it, oldest first.

    These are the days that nobody has recorded yet, from the one after the last recorded day or
    from `start` on, and the recorded days right before and after them: with what was published
    there the new scores are compared. Days after `as_of_date` play no part.
    """
    known = {day for day in recorded if day <= as_of_date}
    if as_of_date in known and as_of_date < max(recorded):
        return ()
    past = known - {as_of_date}
    first = min([max(past) + _DAY if past else as_of_date, *([start] if start else [])])
    # Days of a hole are compared with the recorded one before it, so that none is left out.
    first = max((day + _DAY for day in past if day < first), default=first)
    missing = {day for day in _range(first, as_of_date) if day not in past}
    beside = {
        neighbour
        for day in missing | {as_of_date}
        for neighbour in (day - _DAY, day + _DAY)
        if neighbour in past
    }
    return tuple(sorted(missing | beside))


def cut_off_pass(recorded: Collection[date], days: Sequence[date], most: int) -> tuple[date, ...]:
    """The oldest of the chosen days, as many as one pass may fill in; none if all fit.

    Recorded days beside them, with which they are compared, come on top.
    """
    missing = [day for day in days if day not in recorded]
    if most < 1 or len(missing) <= most:
        return ()
    chosen = set(missing[:most])
    beside = {day for day in days if day in recorded and {day - _DAY, day + _DAY} & chosen}
    return tuple(sorted(chosen | beside))


def history_days(settings: Settings, *, pass_alone: bool = False) -> tuple[date, ...]:
    """The past days that the build of these settings scores.

    With `pass_alone` only those that have to be filled in by a pass of their own first, because
    all of them are more than the var `history_days_of_a_pass` allows.
    """
    recorded = recorded_days(settings)
    start = settings.history_from
    if start is None and not recorded:
        start = settings.as_of_date - _days_of_first_build(settings) * _DAY
    days = choose_history_days(settings.as_of_date, recorded, start)
    if pass_alone:
        return cut_off_pass(recorded, days, _number(settings, "history_days_of_a_pass"))
    return days


def _days_of_first_build(settings: Settings) -> int:
    name = "history_days_of_first_build"
    # A replay of another day of the bundled data stands for itself.
    is_wanted = settings.origins["as_of"] == BUNDLED_ORIGIN or name in settings.variables
    return _number(settings, name) if is_wanted else 0


def _number(settings: Settings, name: str) -> int:
    value = {**project_variables(settings.project_root), **settings.variables}.get(name)
    if isinstance(value, int) and value >= 0:
        return value
    raise InputError(
        Problem(f"vars: '{name}' is no whole number of at least 0.", "Correct it in leads.toml.")
    )


def _range(first: date, end: date) -> list[date]:
    return [first + number * _DAY for number in range(max((end - first).days, 0))]
