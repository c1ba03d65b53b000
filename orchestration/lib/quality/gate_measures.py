"""What the gate measures of a snapshot, the default database, and of the served one, `served`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import duckdb

from orchestration.lib.publishing.manifest import MartContent, RunManifest
from orchestration.lib.quality.calendar import Calendar
from orchestration.lib.quality.limits import Limits
from orchestration.lib.quality.measures import Measure, measure
from orchestration.lib.settings import Settings

_LEADS, _SCORES, _VALUES, _QUEUE = (
    "dim_leads",
    "fct_lead_scores",
    "fct_lead_score_values",
    "rpt_sales_queue",
)

_GRADES = """
    with
    shares as (
        select grade, count(*) as leads, count(*) / sum(count(*)) over () as share
        from marts.fct_lead_scores group by grade
    ),
    before as (
        select grade, count(*) as leads, count(*) / sum(count(*)) over () as share
        from served.marts.fct_lead_scores group by grade
    )
    select
        coalesce(shares.grade, before.grade, 'none'),
        coalesce(before.share, 0), coalesce(shares.share, 0)
    from shares
    full join before
        on shares.grade is not distinct from before.grade
    order by 1
"""

_REGRADED = """
    select count(*), count(*) filter (now.grade is distinct from before.grade)
    from marts.fct_lead_scores as now
    inner join served.marts.fct_lead_scores as before
        on now.lead_id = before.lead_id
"""

# Leads that both snapshots have: those that came or went are counted, not compared.
_PAIRS = """
    create or replace temp table score_pairs as
    select now.score_id, now.points as points, before.points as points_before
    from marts.fct_lead_score_values as now
    inner join served.marts.fct_lead_score_values as before
        on now.lead_id = before.lead_id and now.score_id = before.score_id
"""

# Ten bins of the served scores with equal numbers as far as equal scores allow. A bin that is
# empty on one side counts as half a lead, so that the logarithm exists.
_STABILITY = """
    with
    edges as (
        select
            score_id,
            list_sort(list_distinct(quantile_disc(
                points_before, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
            ))) as edges,
            count(*) as leads
        from score_pairs group by score_id
    ),
    binned as (
        select
            score_pairs.score_id,
            edges.leads,
            len(list_filter(edges.edges, lambda edge: edge < score_pairs.points)) as bin,
            len(list_filter(edges.edges, lambda edge: edge < score_pairs.points_before))
                as bin_before
        from score_pairs
        inner join edges
            on score_pairs.score_id = edges.score_id
    ),
    counts as (
        select score_id, leads, bin, sum(here) as here, sum(there) as there
        from (
            select score_id, leads, bin, count(*) as here, 0 as there from binned group by all
            union all
            select score_id, leads, bin_before, 0, count(*) from binned group by all
        ) as sides
        group by all
    ),
    shares as (
        select
            score_id,
            leads,
            greatest(here, 0.5) / leads as share,
            greatest(there, 0.5) / leads as share_before
        from counts
    )
    select score_id, leads, sum((share - share_before) * ln(share / share_before))
    from shares
    group by all
    order by all
"""

_QUANTILES = """
    select
        score_id,
        count(*),
        quantile_cont(points::double, [0.5, 0.9, 0.99]),
        quantile_cont(points_before::double, [0.5, 0.9, 0.99]),
        quantile_cont(points_before::double, 0.99) - quantile_cont(points_before::double, 0.01)
    from score_pairs
    group by score_id
    order by score_id
"""
_QUANTILE_NAMES = ("median", "90th percentile", "99th percentile")

_QUEUES = """
    select team_id, count(*), max(team_capacity)
    from {database}marts.rpt_sales_queue
    where team_id is not null
    group by team_id
    having max(team_capacity) > 0
    order by team_id
"""


@dataclass(frozen=True)
class Comparison:
    """A snapshot, the served one, and how far apart they may be."""

    connection: duckdb.DuckDBPyConnection
    limits: Limits
    calendar: Calendar
    contents: Mapping[str, MartContent]
    served: RunManifest
    settings: Settings

    @cached_property
    def days(self) -> int:
        """Days from the served as-of day to the one of the snapshot."""
        return (self.settings.as_of_date - self.served.as_of_date).days

    @cached_property
    def planned_rows(self) -> int:
        """Leads that planned events may have brought since."""
        return max(
            (
                event.rows
                for event in self.calendar.planned
                if event.first <= self.settings.as_of_date and event.last >= self.served.as_of_date
            ),
            default=0,
        )

    @property
    def cause(self) -> str:
        """What may explain a change, as the end of a clause."""
        (new,) = self.rows("select max(rule_set_id) from marts.fct_lead_scores")[0]
        return "" if new == self.served.rule_set_id else "; the rules have changed since"

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        return self.connection.execute(query).fetchall()


def gate_measures(comparison: Comparison) -> list[Measure]:
    """Every measure that needs the served snapshot."""
    served = comparison.served.marts
    measures = _row_measures(comparison)
    if {_SCORES, _VALUES} <= {*served} & {*comparison.contents}:
        comparison.connection.execute(_PAIRS)
        measures += [
            *_grade_measures(comparison),
            *_regraded_measures(comparison),
            *_stability_measures(comparison),
            *_quantile_measures(comparison),
        ]
    if _QUEUE in served and _QUEUE in comparison.contents:
        measures += _queue_growth_measures(comparison)
    return measures


def _row_measures(comparison: Comparison) -> list[Measure]:
    measures = []
    for name, before in comparison.served.marts.items():
        limit = comparison.limits.get("gate_mart_rows", name)
        now = comparison.contents.get(name)
        if before.row_count < limit.min_count or now is None:
            continue
        said = f"{now.row_count:,} rows, the served snapshot has {before.row_count:,}"
        measures.append(
            measure(
                limit,
                name,
                round(now.row_count / before.row_count, 4),
                f"{said}{comparison.cause}",
                days=comparison.days,
                room=_planned_room(comparison, before.row_count, now.row_count),
            )
        )
    return measures


def _planned_room(comparison: Comparison, before: int, now: int) -> float:
    """Room for planned leads in a mart, which may have several rows a lead."""
    leads = comparison.contents[_LEADS].row_count if _LEADS in comparison.contents else 0
    if not comparison.planned_rows or not leads:
        return 0.0
    return comparison.planned_rows * max(1.0, now / leads) / before


def _grade_measures(comparison: Comparison) -> list[Measure]:
    leads = comparison.served.marts[_SCORES].row_count
    measures = []
    for grade, before, now in comparison.rows(_GRADES):
        limit = comparison.limits.get("gate_grade_share", grade)
        if leads < limit.min_count:
            continue
        said = f"{now:.1%} of the leads, {before:.1%} in the served snapshot{comparison.cause}"
        room = comparison.planned_rows / leads
        measures.append(
            measure(
                limit,
                f"grade {grade}",
                round(abs(now - before), 4),
                said,
                days=comparison.days,
                room=room,
            )
        )
    return measures


def _regraded_measures(comparison: Comparison) -> list[Measure]:
    leads, regraded = comparison.rows(_REGRADED)[0]
    limit = comparison.limits.get("gate_regraded_share", _SCORES)
    if leads < limit.min_count:
        return []
    said = f"{regraded:,} of {leads:,} leads have another grade{comparison.cause}"
    return [measure(limit, _SCORES, round(regraded / leads, 4), said, days=comparison.days)]


def _stability_measures(comparison: Comparison) -> list[Measure]:
    measures = []
    for score, leads, index in comparison.rows(_STABILITY):
        limit = comparison.limits.get("gate_score_psi", score)
        if leads >= limit.min_count:
            said = f"population stability index over {leads:,} leads{comparison.cause}"
            subject = f"score {score}"
            measures.append(measure(limit, subject, round(index, 4), said, days=comparison.days))
    return measures


def _quantile_measures(comparison: Comparison) -> list[Measure]:
    measures = []
    for score, leads, now, before, spread in comparison.rows(_QUANTILES):
        limit = comparison.limits.get("gate_score_quantile", score)
        if leads < limit.min_count or not spread:
            continue
        for name, here, there in zip(_QUANTILE_NAMES, now, before, strict=True):
            said = f"{here:g} points, {there:g} in the served snapshot{comparison.cause}"
            shift = round(abs(here - there) / spread, 4)
            subject = f"score {score}, {name}"
            measures.append(measure(limit, subject, shift, said, days=comparison.days))
    return measures


def queue_measures(
    connection: duckdb.DuckDBPyConnection, limits: Limits, contents: Mapping[str, MartContent]
) -> list[Measure]:
    """The queue of each team in weeks of its capacity."""
    if _QUEUE not in contents:
        return []
    measures = []
    for team, leads, capacity in connection.execute(_QUEUES.format(database="")).fetchall():
        limit = limits.get("gate_queue_weeks", team)
        if leads >= limit.min_count:
            said = f"{leads:,} leads wait, {capacity:,} can be worked in a week"
            measures.append(measure(limit, f"team {team}", round(leads / capacity, 2), said))
    return measures


def _queue_growth_measures(comparison: Comparison) -> list[Measure]:
    before = {team: leads for team, leads, _ in comparison.rows(_QUEUES.format(database="served."))}
    measures = []
    for team, leads, capacity in comparison.rows(_QUEUES.format(database="")):
        limit = comparison.limits.get("gate_queue_growth", team)
        if leads < limit.min_count:
            continue
        waited = before.get(team, 0)
        said = f"{leads:,} leads wait, {waited:,} in the served snapshot{comparison.cause}"
        growth = round((leads - waited) / capacity, 2)
        room = comparison.planned_rows / capacity
        measures.append(
            measure(limit, f"team {team}", growth, said, days=comparison.days, room=room)
        )
    return measures
