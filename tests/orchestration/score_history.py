"""What the marts of the score history must say, whatever happened."""

from __future__ import annotations

from typing import Any

from tests.orchestration.bare_runs import BareRun
from tests.orchestration.building import Published

# Every period of a lead against the one before it, and the changes recorded from one to the other;
# a lead that comes counts from zero, one that goes to zero.
_CHANGES = """
    with periods as (
        select
            lead_id,
            valid_from,
            valid_to,
            unnest([
                {'score_id': 'fit', 'points': fit_score},
                {'score_id': 'engagement', 'points': engagement_score}
            ], recursive := true)
        from fct_lead_score_history
    ),
    steps as (
        select lead_id, score_id, valid_from as changed_date, points
        from periods
        union all
        select lead_id, score_id, valid_to as changed_date, -points
        from periods
        where valid_to is not null
    ),
    expected as (
        select lead_id, score_id, changed_date, sum(points) as points
        from steps
        group by all
        having sum(points) <> 0
    ),
    told as (
        select lead_id, score_id, changed_date, sum(points) as points
        from fct_score_changes
        where score_id in ('fit', 'engagement')
        group by all
        having sum(points) <> 0
    )
"""


_DIFFERENCES = """
    select lead_id, score_id, changed_date, expected.points as changed, told.points as told
    from expected
    full outer join told using (lead_id, score_id, changed_date)
    where expected.points is distinct from told.points
    order by all
"""

# The same for every score of the days that one build has scored.
_CHANGES_OF_DAYS = """
    with steps as (
        select lead_id, score_id, as_of_date as changed_date, points
        from intermediate.int_lead_day_scores
        union all
        select lead_id, score_id, as_of_date + 1 as changed_date, -points
        from intermediate.int_lead_day_scores
        where as_of_date < (select max(as_of_date) from intermediate.int_lead_day_scores)
    ),
    expected as (
        select lead_id, score_id, cast(changed_date as date) as changed_date, sum(points) as points
        from steps
        group by all
        having sum(points) <> 0
    ),
    told as (
        select lead_id, score_id, changed_date, sum(points) as points
        from marts.fct_score_changes
        group by all
        having sum(points) <> 0
    )
"""


def parts_of_days_that_do_not_sum(build: BareRun) -> list[str]:
    """The same over every score of a build that has filled in all its days without a gap."""
    return _told_apart(build.rows(f"{_CHANGES_OF_DAYS} {_DIFFERENCES}"))


def parts_that_do_not_sum(published: Published) -> list[str]:
    """Leads, scores and days on which the recorded parts are not the change."""
    return _told_apart(published.rows(f"{_CHANGES} {_DIFFERENCES}"))


def _told_apart(rows: list[tuple[Any, ...]]) -> list[str]:
    return [
        f"{lead} {score} {day}: changed by {changed}, parts sum to {told}"
        for lead, score, day, changed, told in rows
    ]


def broken_periods(published: Published) -> list[str]:
    """Leads whose periods overlap, are empty, or do not end with what is published now."""
    rows = published.rows(
        """
        select lead_id, 'overlap' from (
            select lead_id, valid_to, lead(valid_from) over (
                partition by lead_id order by valid_from
            ) as next_from
            from fct_lead_score_history
        )
        where next_from is not null and coalesce(valid_to > next_from, true)
        union all
        select lead_id, 'empty' from fct_lead_score_history where valid_to <= valid_from
        union all
        select lead_id, 'not what is published now'
        from (select * from fct_lead_score_history where valid_to is null) as last_periods
        full outer join fct_lead_scores as scores using (lead_id)
        where (last_periods.fit_score, last_periods.engagement_score, last_periods.grade)
            is distinct from (scores.fit_score, scores.engagement_score, scores.grade)
        """
    )
    return [f"{lead}: {what}" for lead, what in rows]
