"""What a build adds to the score history, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

from orchestration.lib.problems import Notice
from orchestration.lib.settings import Settings
from orchestration.lib.state import recorded_days

_FILLED_IN = """
select count(*) from intermediate.int_history_days where not is_recorded and not is_current
"""

_REGRADED = """
select count(*)
from marts.fct_lead_score_history as periods
inner join marts.fct_lead_score_history as earlier
    on periods.lead_id = earlier.lead_id and periods.valid_from = earlier.valid_to
where
    periods.valid_from = (select as_of_date from intermediate.int_history_days where is_current)
    and periods.grade is distinct from earlier.grade
"""

_LATE = """
select count(distinct lead_id)
from intermediate.int_score_change_parts
where cause = 'late_data'
"""

_DIFFERENT_REPLAYS = """
select count(*)
from intermediate.int_history_days as days
inner join intermediate.int_published_lead_days as published using (as_of_date)
full outer join marts.fct_lead_scores as scores using (lead_id)
where
    exists (select 1 from intermediate.int_history_days where is_current and is_recorded)
    and (days.as_of_date is null or days.is_current)
    and (
        published.fit_score is distinct from scores.fit_score
        or published.engagement_score is distinct from scores.engagement_score
        or published.grade is distinct from scores.grade
    )
"""


@dataclass(frozen=True)
class HistoryNews:
    """Days recorded in all, the first of them, and what this build had to say.

    `filled_in` are past days that it scored for the first time, `regraded` the leads whose grade
    is another one than on the recorded day before, `late` those whose earlier scores late data
    changed, `differing` those that a replay of a recorded day scores otherwise than published.
    """

    days: int
    first_date: date | None
    filled_in: int
    regraded: int
    late: int
    differing: int

    def notices(self, as_of_date: date) -> tuple[Notice, ...]:
        """What a person should know."""
        notices = []
        if self.late:
            notices.append(
                Notice(
                    f"Data that came in late changed earlier scores of {_leads(self.late)}; what"
                    " was published stands, and the difference is booked under late_data."
                )
            )
        if self.differing:
            notices.append(
                Notice(
                    f"{_leads(self.differing).capitalize()} were published with other scores on"
                    f" {as_of_date}: data came in since, or the rules are others. The history"
                    " shows what was published."
                )
            )
        return tuple(notices)


def read_history_news(settings: Settings) -> HistoryNews:
    """Count in the build file and the state; both belong to a build that was just published."""
    recorded = recorded_days(settings)
    with duckdb.connect(str(settings.workdir.database), read_only=True) as connection:

        def count(statement: str) -> int:
            (value,) = connection.execute(statement).fetchone() or (0,)
            return int(value)

        return HistoryNews(
            days=len(recorded),
            first_date=min(recorded, default=None),
            filled_in=count(_FILLED_IN),
            regraded=count(_REGRADED),
            late=count(_LATE),
            differing=count(_DIFFERENT_REPLAYS),
        )


def _leads(number: int) -> str:
    return "1 lead" if number == 1 else f"{number:,} leads"
