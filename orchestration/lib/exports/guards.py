"""What stops a run before its first call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from orchestration.lib.exports.exclusions import Exclusions
from orchestration.lib.exports.plan import PlanCounts
from orchestration.lib.exports.sync import Sync


@dataclass(frozen=True)
class Stop:
    """Why nothing is sent: a code for tables, sentences for a person.

    `can_be_accepted` says whether a person may let the run pass.
    """

    code: str
    lines: tuple[str, ...]
    can_be_accepted: bool = True


def find_stop(
    sync: Sync,
    counts: PlanCounts,
    earlier_rows: int | None,
    exclusions: Exclusions,
    now: datetime,
) -> Stop | None:
    """The first limit of the sync that does not hold, if any.

    `earlier_rows` is the number of rows of the model in the last run that sent; None before.
    """
    return (
        _stale(sync, exclusions, now)
        or _empty(sync, counts)
        or _fall(sync, counts, earlier_rows)
        or _transitions(sync, counts)
    )


def _stale(sync: Sync, exclusions: Exclusions, now: datetime) -> Stop | None:
    limit = sync.limits.stale_after
    if limit is None:
        return None
    if exclusions.data_at is None:
        return Stop(
            "exclusions_of_unknown_age",
            (
                f"{sync.name}: nobody can tell how old the data on who may not be contacted are.",
                "Bring a loaded_at column, or set limits.stale_after: off.",
            ),
            can_be_accepted=False,
        )
    age = now - exclusions.data_at
    if age <= timedelta(minutes=limit):
        return None
    return Stop(
        "exclusions_stale",
        (
            f"{sync.name}: the data on who may not be contacted are of"
            f" {exclusions.data_at:%Y-%m-%d %H:%M} UTC, {_hours(age)} old; the limit is"
            f" {_hours(timedelta(minutes=limit))}.",
            "Bring newer files of the people into the raw folder, then export again.",
        ),
        can_be_accepted=False,
    )


def _empty(sync: Sync, counts: PlanCounts) -> Stop | None:
    if counts.rows or sync.limits.may_be_empty:
        return None
    return Stop(
        "model_is_empty",
        (
            f"{sync.name}: the published model {sync.model} has no rows.",
            "Look at the last build; where that is in order, set limits.may_be_empty: true.",
        ),
    )


def _fall(sync: Sync, counts: PlanCounts, earlier: int | None) -> Stop | None:
    if sync.limits.max_fall is None or not earlier:
        return None
    allowed = sync.limits.max_fall.of(earlier)
    fall = earlier - counts.rows
    if allowed is None or fall <= allowed:
        return None
    return Stop(
        "rows_fell",
        (
            f"{sync.name}: the model has {counts.rows:,} rows, {fall:,} fewer than in the last"
            f" run; the limit is {sync.limits.max_fall}.",
            "Look at the last build; let it pass once with --accept REASON.",
        ),
    )


def _transitions(sync: Sync, counts: PlanCounts) -> Stop | None:
    if sync.limits.max_transitions is None:
        return None
    allowed = sync.limits.max_transitions.of(counts.acked)
    if allowed is None or counts.due <= allowed:
        return None
    said = f"{sync.name}: {counts.due:,} rows would be sent; the limit is"
    said += f" {sync.limits.max_transitions} ({allowed:,} rows)."
    if counts.resent:
        said += f" {counts.resent:,} of them only because the mapping changed."
    return Stop(
        "too_many_transitions",
        (said, "Look with --dry-run; send some with --limit, or all with --accept REASON."),
    )


def _hours(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} days"
