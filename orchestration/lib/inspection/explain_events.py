"""Which events of a lead a rule counts, as the build's own tables say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from orchestration.lib.inspection.explain_values import ConditionCheck, EventCounts, SeenValue
from orchestration.lib.inspection.rule_query import IS_MET, Condition, Rule, RuleQuery
from orchestration.lib.publishing.sql_text import identifier

_VALUES_SHOWN = 5


def unchecked(condition: Condition) -> ConditionCheck:
    """A condition on events without a judgement: its rule is not in force."""
    return ConditionCheck(
        field=condition.field,
        operator=condition.operator,
        operand=condition.operand,
        is_on_event=True,
        seen=None,
        holds=None,
    )


class WindowEvents:
    """The lead's events of the rule's type that lie in its window."""

    def __init__(self, query: RuleQuery, rule: Rule) -> None:
        self.query = query
        self.rule = rule
        self._gather(rule)

    def check(self, condition: Condition) -> ConditionCheck:
        """How many of the events meet a condition, and the values seen."""
        seen: dict[str, int] = {}
        rows = self.query.rows(
            f"""
            with

            seen as (

                select signature_values.field_value, count(*) as event_count
                from window_events
                inner join intermediate.int_event_signature_values as signature_values
                    on window_events.signature_key = signature_values.signature_key
                where signature_values.field = $field
                group by signature_values.field_value

            )

            select seen.field_value, {IS_MET}, seen.event_count
            from seen
            order by seen.event_count desc, seen.field_value
            """,  # noqa: S608 - a constant
            day=self.query.as_of_date,
            field=condition.field,
            **condition.parameters,
        )
        for value, _, count in rows:
            shown = self.query.personal.shown(condition.field, value)
            seen[shown] = seen.get(shown, 0) + count
        return replace(
            unchecked(condition),
            seen_values=tuple(SeenValue(*item) for item in list(seen.items())[:_VALUES_SHOWN]),
            events_met=sum(count for _, is_met, count in rows if is_met),
        )

    def accepted(self, alternative_keys: list[int]) -> tuple[int, date | None]:
        """How many events the alternatives accept, and the day of the last one."""
        count, last_day = self.query.rows(
            """
            select count(*), cast($day as date) - cast(min(age_days) as integer)
            from window_events
            where signature_key in (
                select signature_key from intermediate.int_signature_alternatives
                where
                    list_contains($alternative_keys, alternative_key)
                    and coalesce(as_of_date = $day, true)
            )
            """,
            day=self.query.as_of_date,
            alternative_keys=alternative_keys,
        )[0]
        return count, last_day

    def counts(self) -> EventCounts:
        """The events of the type, in the window and meeting the conditions."""
        rule = self.rule
        total, last_date, later = self.query.rows(
            """
            select
                count(*) filter (where event_date <= $day),
                max(event_date) filter (where event_date <= $day),
                count(*) filter (where event_date > $day)
            from intermediate.int_lead_events
            where lead_key = $lead_key and event_type = $event_type
            """,
            day=self.query.as_of_date,
            lead_key=self.query.lead_key,
            event_type=rule.event_type,
        )[0]
        unreadable = self.query.rows(
            """
            select count(*) from intermediate.int_rejected_events
            where lead_id = $lead_id and event_type = $event_type
            """,
            lead_id=self.query.lead_id,
            event_type=rule.event_type,
        )[0][0]
        open_keys = self.query.rows(
            """
            select alternative_key from intermediate.int_alternatives
            where owner_type = 'rule' and owner_id = $rule_id and lead_condition_count = 0
            union
            select alternatives.alternative_key
            from intermediate.int_alternatives as alternatives
            inner join intermediate.int_lead_alternatives as held
                on alternatives.alternative_key = held.alternative_key
            where
                alternatives.owner_type = 'rule'
                and alternatives.owner_id = $rule_id
                and held.lead_key = $lead_key
            """,
            rule_id=self.query.rule_id,
            lead_key=self.query.lead_key,
        )
        met, last_met_date = self.accepted([key for (key,) in open_keys])
        return EventCounts(
            event_type=rule.event_type,
            window_days=rule.window_days,
            needed=rule.min_count,
            total=total,
            in_window=self.query.rows("select count(*) from window_events")[0][0],
            met=met,
            later=later,
            unreadable=unreadable,
            last_date=last_date,
            last_met_date=last_met_date,
        )

    def _gather(self, rule: Rule) -> None:
        """The lead's events in the window, each with the signature that the build gave it."""
        columns = self.query.rows(
            """
            select column_name from duckdb_columns()
            where schema_name = 'intermediate' and table_name = 'int_event_signatures'
            """
        )
        same = "".join(
            f" and events.{identifier(name)} is not distinct from signatures.{identifier(name)}"
            for (name,) in columns
            if name not in ("event_type", "signature_key")
        )
        self.query.rows(
            f"""
            create or replace temp table window_events as
            select
                date_diff('day', date '1970-01-01', cast($day as date)) - events.event_day
                    as age_days,
                signatures.signature_key
            from intermediate.int_rule_events as events
            inner join intermediate.int_event_signatures as signatures
                on events.event_type = signatures.event_type {same}
            where
                events.person_key = $lead_key
                and events.event_type = $event_type
                and ($window_days is null or age_days < $window_days)
            """,  # noqa: S608 - quoted names of columns
            day=self.query.as_of_date,
            lead_key=self.query.lead_key,
            event_type=rule.event_type,
            window_days=rule.window_days,
        )
