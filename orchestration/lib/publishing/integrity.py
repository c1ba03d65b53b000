"""Absolute checks of a snapshot; what fails one of them is never served."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import duckdb

REQUIRED_MARTS = (
    "dim_leads",
    "fct_lead_grades",
    "fct_lead_score_values",
    "fct_lead_scores",
    "fct_score_ledger",
)

_SCORED_LEADS = """
    select
        (select count(*) from marts.dim_leads where is_scored)
        - (select count(*) from marts.fct_lead_scores)
"""

_SCORES_OF_UNKNOWN_LEADS = """
    select count(*)
    from marts.fct_lead_scores as scores
    anti join (select lead_id from marts.dim_leads where is_scored) as leads using (lead_id)
"""

_UNEQUAL_SUMS = """
    select count(*)
    from (
        select lead_id, score_id, sum(points) as points
        from marts.fct_score_ledger
        group by lead_id, score_id
    ) as ledger
    full join marts.fct_lead_score_values as scores using (lead_id, score_id)
    where scores.points is null or scores.points <> coalesce(ledger.points, 0)
"""

_UNEQUAL_SCORES = """
    select count(*)
    from (
        select
            lead_id,
            max(points) filter (score_id = 'fit') as fit_score,
            max(points) filter (score_id = 'engagement') as engagement_score
        from marts.fct_lead_score_values
        group by lead_id
    ) as score_values
    full join marts.fct_lead_scores as scores using (lead_id)
    where
        scores.fit_score is distinct from score_values.fit_score
        or scores.engagement_score is distinct from score_values.engagement_score
"""

_OTHER_STAMPS = """
    select
        count(distinct rule_set_id) > 1
        or count(*) filter (as_of_date is distinct from ?) > 0
    from marts.fct_lead_scores
"""


def find_defects(
    connection: duckdb.DuckDBPyConnection, marts: Collection[str], as_of_date: date
) -> list[str]:
    """What is wrong with the snapshot that `connection` has as its default database.

    Each defect is one sentence with a count and no value of the data.
    """
    missing = [mart for mart in REQUIRED_MARTS if mart not in marts]
    if missing:
        return [f"Required marts are missing: {', '.join(missing)}."]

    def count(statement: str) -> int:
        (value,) = connection.execute(statement).fetchone() or (0,)
        return int(value)

    defects = []
    if count("select count(*) from marts.dim_leads") == 0:
        defects.append("The mart dim_leads is empty.")
    if difference := count(_SCORED_LEADS):
        defects.append(f"fct_lead_scores lacks or has too many leads (by {difference}).")
    if others := count(_SCORES_OF_UNKNOWN_LEADS):
        defects.append(f"{others} leads have a score that dim_leads does not count as scored.")
    if unequal := count(_UNEQUAL_SUMS):
        defects.append(f"{unequal} scores are not the sum of their ledger lines.")
    if unequal := count(_UNEQUAL_SCORES):
        defects.append(f"{unequal} leads differ between fct_lead_scores and fct_lead_score_values.")
    (is_mixed,) = connection.execute(_OTHER_STAMPS, [as_of_date]).fetchone() or (False,)
    if is_mixed:
        defects.append("The scores carry another as-of day, or several rule sets.")
    return defects
