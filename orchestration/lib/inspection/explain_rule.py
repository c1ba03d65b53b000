"""Why a rule gave a lead points or did not: what the build's own tables say.

Operators are never read here. Whether a condition holds is what `int_condition_matches`,
`int_lead_alternatives` and `int_signature_alternatives` say; whether the rule gave points is what
`int_rule_points` says. Every table is looked up by lead and rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from orchestration.lib.inspection.build_file import open_build_file
from orchestration.lib.inspection.explain import find_lead_id, refuse_other_day
from orchestration.lib.inspection.explain_values import (
    AlternativeCheck,
    ConditionCheck,
    EventCounts,
    GivenPoints,
    RuleExplanation,
    RulePeriod,
    SeenValue,
)
from orchestration.lib.inspection.personal_fields import PersonalFields, read_personal_fields
from orchestration.lib.problems import InputError, Problem
from orchestration.lib.publishing.serving import served_manifest
from orchestration.lib.publishing.sql_text import identifier
from orchestration.lib.seeds.names import did_you_mean
from orchestration.lib.settings import Settings

if TYPE_CHECKING:
    import duckdb

_VALUES_SHOWN = 5
# Whether a value is known at all stands in no table of matches, unless it may hold several items.
_IS_MET = """
    case
        when seen.field_value is null then $operator = 'is_unknown'
        when $operator = 'is_known' and not $is_multi_valued then true
        else exists (
            select 1
            from intermediate.int_condition_matches as matches
            where
                matches.condition_key = $condition_key
                and matches.field_value = seen.field_value
        )
    end
"""
_IS_IN_FORCE = "(coalesce(valid_from <= $day, true) and coalesce(valid_to > $day, true))"


@dataclass(frozen=True)
class _Rule:
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
class _Condition:
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
        """What `_IS_MET` asks for."""
        return {
            "operator": self.operator,
            "is_multi_valued": self.is_multi_valued,
            "condition_key": self.key,
        }


def explain_rule(
    settings: Settings, lead_id: str, rule_id: str, as_of_date: date | None = None
) -> RuleExplanation:
    """Ask the tables of the last build about one rule and one lead.

    Raises:
        InputError: nothing was built, lead or rule are unknown, or `as_of_date` is another day than
            that of the build.
        RunFailed: a build runs, or the last one did not finish.
    """
    with open_build_file(settings.workdir) as connection:
        built_day, rule_set_id = connection.execute(
            "select as_of_date, rule_set_id from intermediate.int_stamp"
        ).fetchall()[0]
        if as_of_date is not None:
            refuse_other_day(lead_id, as_of_date, built_day)
        known_id = find_lead_id(connection, "intermediate.int_leads", lead_id, built_day)
        manifest = served_manifest(settings.workdir)
        return _RuleQuery(
            connection,
            known_id,
            _find_rule_id(connection, rule_id),
            built_day,
            read_personal_fields(settings.workdir),
        ).explain(
            settings.language,
            is_as_published=manifest is not None
            and (manifest.as_of_date, manifest.rule_set_id) == (built_day, rule_set_id),
        )


def _find_rule_id(connection: duckdb.DuckDBPyConnection, rule_id: str) -> str:
    rows = connection.execute("select distinct rule_id from seeds.scoring_rules").fetchall()
    known = sorted(row[0] for row in rows)
    if rule_id in known:
        return rule_id
    raise InputError(
        Problem(
            f"There is no rule '{rule_id}' in the rules of the last build."
            f"{did_you_mean(rule_id, known)}",
            "The column rule_id of scoring_rules.csv lists them all; a rule just added needs a"
            " `leads build` first.",
        )
    )


class _RuleQuery:
    """Questions about one lead and one rule."""

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
        self.lead_key: int = self._rows(
            "select min(lead_key) from intermediate.int_leads where lead_id = $lead_id",
            lead_id=lead_id,
        )[0][0]

    def explain(self, language: str, *, is_as_published: bool) -> RuleExplanation:
        """Gather everything that is known."""
        rule = self._rule(language)
        is_counting = rule.applies_to == "event" and rule.is_in_force
        if is_counting:
            self._gather_events(rule)
        alternatives = self._alternatives(rule)
        exclusions = self._rows(
            """
            select reason from intermediate.int_lead_exclusions
            where lead_key = $lead_key and stops_scoring
            order by sort_order, exclusion_id
            """,
            lead_key=self.lead_key,
        )
        return RuleExplanation(
            lead_id=self.lead_id,
            rule_id=self.rule_id,
            label=rule.label or self.rule_id,
            score_id=rule.score_id,
            group_id=rule.group_id,
            applies_to=rule.applies_to,
            repeat=rule.repeat,
            max_count=rule.max_count,
            points=rule.points,
            as_of_date=self.as_of_date,
            is_in_force=rule.is_in_force,
            exclusion_reasons=tuple(row[0] for row in exclusions),
            is_as_published=is_as_published,
            periods=self._periods(),
            alternatives=alternatives,
            events=self._count_events(rule) if is_counting else None,
            given=self._given_points(),
        )

    def _rule(self, language: str) -> _Rule:
        """The period in force; of a rule that is not in force the last one."""
        rows = self._rows(
            f"""
            select
                score_id, group_id, applies_to, event_type, coalesce(repeat, 'once'),
                label_{language}, points, coalesce(min_count, 1), max_count, window_days,
                {_IS_IN_FORCE} as is_in_force
            from seeds.scoring_rules
            where rule_id = $rule_id
            order by is_in_force desc, valid_from desc nulls last
            """,  # noqa: S608 - the language is one of two words
            day=self.as_of_date,
            rule_id=self.rule_id,
        )
        return _Rule(*rows[0])

    def _periods(self) -> tuple[RulePeriod, ...]:
        rows = self._rows(
            f"""
            select valid_from, valid_to, points, {_IS_IN_FORCE}
            from seeds.scoring_rules
            where rule_id = $rule_id
            order by valid_from nulls first
            """,  # noqa: S608 - a constant
            day=self.as_of_date,
            rule_id=self.rule_id,
        )
        return tuple(RulePeriod(*row) for row in rows)

    def _alternatives(self, rule: _Rule) -> tuple[AlternativeCheck, ...]:
        conditions = self._conditions(rule)
        checks = self._check(conditions)
        if not rule.is_in_force:
            names = dict.fromkeys(condition.alternative for condition in conditions)
            return tuple(AlternativeCheck(name, checks[name], None, None) for name in names)
        rows = self._rows(
            """
            select
                alternatives.alternative,
                alternatives.alternative_key,
                alternatives.lead_condition_count = 0 or exists (
                    select 1
                    from intermediate.int_lead_alternatives as held
                    where
                        held.lead_key = $lead_key
                        and held.alternative_key = alternatives.alternative_key
                ) as is_open
            from intermediate.int_alternatives as alternatives
            where alternatives.owner_type = 'rule' and alternatives.owner_id = $rule_id
            order by alternatives.alternative
            """,
            lead_key=self.lead_key,
            rule_id=self.rule_id,
        )
        return tuple(
            AlternativeCheck(
                name,
                checks.get(name, ()),
                is_open,
                self._accepted_events([key])[0] if rule.applies_to == "event" else None,
            )
            for name, key, is_open in rows
        )

    def _conditions(self, rule: _Rule) -> list[_Condition]:
        if rule.is_in_force:
            origin = """
                select alternative, field, operator, operand, is_on_event, condition_key
                from intermediate.int_conditions
                where owner_type = 'rule' and owner_id = $rule_id
            """
        else:
            origin = """
                select
                    cast(alternative as varchar) as alternative, lower(field) as field, operator,
                    value as operand, lower(field) like 'event.%' as is_on_event,
                    null as condition_key
                from seeds.rule_conditions
                where rule_id = $rule_id
            """
        query = f"""
            select
                alternative, field, operator, operand, is_on_event,
                coalesce(attributes.is_multi_valued, false), condition_key
            from ({origin}) as conditions
            left join seeds.attributes as attributes
                on conditions.field = lower(attributes.attribute)
            order by alternative, field, operator, operand
        """  # noqa: S608 - constants
        return [_Condition(*row) for row in self._rows(query, rule_id=self.rule_id)]

    def _check(self, conditions: list[_Condition]) -> dict[str, tuple[ConditionCheck, ...]]:
        """The checked conditions of each alternative."""
        values = self._lead_values([each.field for each in conditions if not each.is_on_event])
        checks: dict[str, tuple[ConditionCheck, ...]] = {}
        for condition in conditions:
            check = (
                self._check_on_events(condition)
                if condition.is_on_event
                else self._check_on_lead(condition, values.get(condition.field))
            )
            checks[condition.alternative] = (*checks.get(condition.alternative, ()), check)
        return checks

    def _lead_values(self, fields: list[str]) -> dict[str, str | None]:
        if not fields:
            return {}
        rows = self._rows(
            """
            select field, field_value from intermediate.int_lead_attributes
            where lead_key = $lead_key and list_contains($fields, field)
            """,
            lead_key=self.lead_key,
            fields=fields,
        )
        return dict(rows)

    def _check_on_lead(self, condition: _Condition, value: str | None) -> ConditionCheck:
        holds: bool | None = None
        if condition.key is not None:
            holds = self._rows(
                f"select {_IS_MET} from (select cast($value as varchar) as field_value) as seen",  # noqa: S608
                value=value,
                **condition.parameters,
            )[0][0]
        return ConditionCheck(
            field=condition.field,
            operator=condition.operator,
            operand=condition.operand,
            is_on_event=False,
            seen=self.personal.shown(condition.field, value),
            holds=holds,
        )

    def _check_on_events(self, condition: _Condition) -> ConditionCheck:
        seen: dict[str, int] = {}
        events_met: int | None = None
        if condition.key is not None:
            rows = self._rows(
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

                select seen.field_value, {_IS_MET}, seen.event_count
                from seen
                order by seen.event_count desc, seen.field_value
                """,  # noqa: S608 - a constant
                field=condition.field,
                **condition.parameters,
            )
            events_met = sum(count for _, is_met, count in rows if is_met)
            for value, _, count in rows:
                shown = self.personal.shown(condition.field, value)
                seen[shown] = seen.get(shown, 0) + count
        return ConditionCheck(
            field=condition.field,
            operator=condition.operator,
            operand=condition.operand,
            is_on_event=True,
            seen=None,
            holds=None,
            seen_values=tuple(SeenValue(*item) for item in list(seen.items())[:_VALUES_SHOWN]),
            events_met=events_met,
        )

    def _gather_events(self, rule: _Rule) -> None:
        """The lead's events in the window, each with the signature that the build gave it."""
        columns = self._rows(
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
        self._rows(
            f"""
            create or replace temp table window_events as
            select events.age_days, signatures.signature_key
            from intermediate.int_rule_events as events
            inner join intermediate.int_event_signatures as signatures
                on events.event_type = signatures.event_type {same}
            where
                events.lead_key = $lead_key
                and events.event_type = $event_type
                and ($window_days is null or events.age_days < $window_days)
            """,  # noqa: S608 - quoted names of columns
            lead_key=self.lead_key,
            event_type=rule.event_type,
            window_days=rule.window_days,
        )

    def _accepted_events(self, alternative_keys: list[int]) -> tuple[int, date | None]:
        """How many events in the window the alternatives accept, and the day of the last one."""
        count, last_day = self._rows(
            """
            select count(*), cast($day as date) - cast(min(age_days) as integer)
            from window_events
            where signature_key in (
                select signature_key from intermediate.int_signature_alternatives
                where list_contains($alternative_keys, alternative_key)
            )
            """,
            day=self.as_of_date,
            alternative_keys=alternative_keys,
        )[0]
        return count, last_day

    def _count_events(self, rule: _Rule) -> EventCounts:
        total, last_date, later = self._rows(
            """
            select
                count(*) filter (where event_date <= $day),
                max(event_date) filter (where event_date <= $day),
                count(*) filter (where event_date > $day)
            from intermediate.int_lead_events
            where lead_key = $lead_key and event_type = $event_type
            """,
            day=self.as_of_date,
            lead_key=self.lead_key,
            event_type=rule.event_type,
        )[0]
        unreadable = self._rows(
            """
            select count(*) from intermediate.int_rejected_events
            where lead_id = $lead_id and event_type = $event_type
            """,
            lead_id=self.lead_id,
            event_type=rule.event_type,
        )[0][0]
        open_keys = self._rows(
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
            rule_id=self.rule_id,
            lead_key=self.lead_key,
        )
        met, last_met_date = self._accepted_events([key for (key,) in open_keys])
        return EventCounts(
            event_type=rule.event_type,
            window_days=rule.window_days,
            needed=rule.min_count,
            total=total,
            in_window=self._rows("select count(*) from window_events")[0][0],
            met=met,
            later=later,
            unreadable=unreadable,
            last_date=last_date,
            last_met_date=last_met_date,
        )

    def _given_points(self) -> GivenPoints | None:
        rows = self._rows(
            """
            select points.occurrences, points.undecayed_points, points.decayed_points,
                points.last_event_date
            from intermediate.int_rule_points as points
            inner join intermediate.int_rules as rules
                on points.rule_key = rules.rule_key
            where points.lead_key = $lead_key and rules.rule_id = $rule_id
            """,
            lead_key=self.lead_key,
            rule_id=self.rule_id,
        )
        return GivenPoints(*rows[0]) if rows else None

    def _rows(self, query: str, **parameters: object) -> list[tuple[Any, ...]]:
        return self.connection.execute(query, parameters).fetchall()
