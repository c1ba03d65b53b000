"""Which day a scheduled build scores."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta

from orchestration.lib.settings import Settings

_DAY = timedelta(days=1)


def of_closed_day(settings: Settings) -> Settings:
    """The settings of the build that makes the last closed day final.

    That is the business day before the run began, unless the settings name an earlier one.
    """
    if not settings.is_provisional:
        return settings
    return replace(
        settings,
        as_of_date=settings.run_date - _DAY,
        origins={**settings.origins, "as_of": "the last closed day"},
    )


@dataclass(frozen=True)
class BackfillDays:
    """The day to score, and the first past day to record; None if there is none before it."""

    as_of: date
    history_from: date | None


def backfill_days(
    first: date, last: date, served: date | None, recorded: Collection[date]
) -> BackfillDays:
    """What one build does for a range of days, both ends in it.

    What is served never becomes older: where a later day is served, or was once recorded, that one
    is scored again, and the days of the range that nobody recorded are scored beside it. Else the
    last day of the range is.
    """
    as_of = max([last, *([served] if served else []), *recorded])
    return BackfillDays(as_of, first if first < as_of else None)
