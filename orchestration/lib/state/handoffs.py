"""Recording the hand-offs that a build issued, and what became of them that nobody can derive."""

from __future__ import annotations

import duckdb

ISSUED = (
    "handoff_id",
    "lead_id",
    "company_id",
    "owner_id",
    "team_id",
    "agreement_id",
    "rule_set_id",
    "policy_id",
    "service_level_id",
    "route_id",
    "joined_handoff_id",
    "cause_rule_id",
    "cause_event_id",
    "handoff_stage",
    "motion",
    "handoff_kind",
    "cause_type",
    "cause_event_type",
    "grade",
    "route",
    "reason_1_en",
    "reason_1_ja",
    "reason_2_en",
    "reason_2_ja",
    "reason_3_en",
    "reason_3_ja",
    "cycle_number",
    "crossing_number",
    "turn_number",
    "priority",
    "fit_score",
    "engagement_score",
    "is_hand_raise",
    "is_fill_only",
    "crossed_date",
    "issued_date",
    "crossed_at",
    "first_attempt_due_at",
    "remind_at",
    "escalate_at",
    "reassign_at",
)

_NAMES = ", ".join(ISSUED)

# An owner that took over, and the day on which a lead was no longer to be approached: a later
# build knows other attempts and other exclusions.
_CHANGES = """
select handoffs.handoff_id, 'reassigned' as change, handoffs.owner_id,
    handoffs.reassigned_date as occurred_date, handoffs.reassigned_at as occurred_at
from build.intermediate.int_handoffs as handoffs
where handoffs.reassigned_at is not null
union all
select handoffs.handoff_id, 'excluded', null, handoffs.ended_date, handoffs.ended_at
from build.intermediate.int_handoffs as handoffs
where handoffs.status = 'excluded'
"""


def record_handoffs(
    connection: duckdb.DuckDBPyConnection, run_id: str, days: str | None = None
) -> None:
    """Record what the build handed over; what was recorded before never changes.

    `connection` is that of a state transaction. `days` is a query for the days of which hand-offs
    are recorded, by default all of the build; changes of hand-offs that are not recorded are none.
    """
    of_days = "" if days is None else f" and handoffs.issued_date in ({days})"
    connection.execute(
        f"insert into issued_handoffs ({_NAMES}, run_id)"  # noqa: S608 - names of this module
        f" select {_NAMES}, ? from build.intermediate.int_new_handoffs as handoffs"
        " where not exists (select 1 from issued_handoffs as issued"
        f" where issued.handoff_id = handoffs.handoff_id){of_days}"
        " order by issued_date, crossed_at, handoff_id",
        [run_id],
    )
    connection.execute(
        "insert into handoff_changes"  # noqa: S608
        " (handoff_id, change, owner_id, occurred_date, occurred_at, run_id)"
        f" select changes.*, ? from ({_CHANGES}) as changes"
        " where not exists (select 1 from handoff_changes as recorded"
        " where recorded.handoff_id = changes.handoff_id and recorded.change = changes.change)"
        " and exists (select 1 from issued_handoffs as issued"
        " where issued.handoff_id = changes.handoff_id)"
        " order by all",
        [run_id],
    )
