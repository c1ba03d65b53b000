"""What the questions about a rule share: the rule, its conditions, and the tables to ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from orchestration.lib.inspection.personal_fields import PersonalFields

if TYPE_CHECKING:
    import duckdb

# Whether a value is known at all stands in no table of matches, unless it may hold several items.
IS_MET = """
    case
        when seen.field_value is null then $operator = 'is_unknown'
        when $operator = 'is_known' and not $is_multi_valued then true
        else exists (
            select 1
            from intermediate.int_condition_matches as matches
            where
                matches.condition_key = $condition_key
                and matches.field_value = seen.field_value
                and coalesce(matches.valid_from_date <= $day, true)
                and coalesce(matches.valid_to_date > $day, true)
        )
    end
"""


@dataclass(frozen=True)
class Rule:
    """A row of scoring_rules.csv."""

    score_id: str
    group_id: str
    applies_to: str
    event_type: str
    repeat: str
    label: str | None
    points: Decimal
    min_count: int
    max_count: int | None
    window_days: int | None
    is_in_force: bool


@dataclass(frozen=True)
class Condition:
    """A condition; `key` is None while its rule is not in force."""

    alternative: str
    field: str
    operator: str
    operand: str | None
    is_on_event: bool
    is_multi_valued: bool
    key: int | None

    @property
    def parameters(self) -> dict[str, object]:
        """What `IS_MET` asks for."""
        return {
            "operator": self.operator,
            "is_multi_valued": self.is_multi_valued,
            "condition_key": self.key,
        }


class RuleQuery:
    """Questions to the build about one lead and one rule."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        lead_id: str,
        rule_id: str,
        as_of_date: date,
        personal: PersonalFields,
    ) -> None:
        self.connection = connection
        self.lead_id = lead_id
        self.rule_id = rule_id
        self.as_of_date = as_of_date
        self.personal = personal
        self.lead_key: int = self.rows(
            "select min(lead_key) from intermediate.int_leads where lead_id = $lead_id",
            lead_id=lead_id,
        )[0][0]

    def rows(self, query: str, **parameters: object) -> list[tuple[Any, ...]]:
        """The rows of a query with named parameters."""
        return self.connection.execute(query, parameters).fetchall()
