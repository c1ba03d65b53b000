"""Why a rule gave a lead points or did not: what the build's own tables say.

Operators are never read here. Whether a condition holds is what `int_condition_matches`,
`int_lead_alternatives` and `int_signature_alternatives` say; whether the rule gave points is what
`int_rule_points` says. Every table is looked up by lead and rule.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from orchestration.lib.inspection.build_file import open_build_file
from orchestration.lib.inspection.explain import find_lead_id
from orchestration.lib.inspection.explain_events import WindowEvents, unchecked
from orchestration.lib.inspection.explain_values import (
    AlternativeCheck,
    ConditionCheck,
    GivenPoints,
    RuleExplanation,
    RulePeriod,
)
from orchestration.lib.inspection.personal_fields import read_personal_fields
from orchestration.lib.inspection.replays import refuse_other_day
from orchestration.lib.inspection.rule_query import IS_MET, Condition, Rule, RuleQuery
from orchestration.lib.problems import InputError, Problem
from orchestration.lib.publishing.serving import served_manifest
from orchestration.lib.seeds.names import did_you_mean
from orchestration.lib.settings import Settings

if TYPE_CHECKING:
    import duckdb

_IS_IN_FORCE = "(coalesce(valid_from <= $day, true) and coalesce(valid_to > $day, true))"


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
            refuse_other_day(settings, lead_id, as_of_date, built_day)
        known_id = find_lead_id(connection, "intermediate.int_leads", lead_id, built_day)
        manifest = served_manifest(settings.workdir)
        return _Explainer(
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


class _Explainer(RuleQuery):
    """Gathers the answers."""

    def explain(self, language: str, *, is_as_published: bool) -> RuleExplanation:
        """Gather everything that is known."""
        rule = self._rule(language)
        is_counting = rule.applies_to == "event" and rule.is_in_force
        events = WindowEvents(self, rule) if is_counting else None
        alternatives = self._alternatives(rule, events)
        exclusions = self.rows(
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
            events=None if events is None else events.counts(),
            given=self._given_points(),
        )

    def _rule(self, language: str) -> Rule:
        """The period in force; of a rule that is not in force the last one."""
        rows = self.rows(
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
        return Rule(*rows[0])

    def _periods(self) -> tuple[RulePeriod, ...]:
        rows = self.rows(
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

    def _alternatives(
        self, rule: Rule, events: WindowEvents | None
    ) -> tuple[AlternativeCheck, ...]:
        conditions = self._conditions(rule)
        checks = self._check(conditions, events)
        if not rule.is_in_force:
            names = dict.fromkeys(condition.alternative for condition in conditions)
            return tuple(AlternativeCheck(name, checks[name], None, None) for name in names)
        rows = self.rows(
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
                None if events is None else events.accepted([key])[0],
            )
            for name, key, is_open in rows
        )

    def _conditions(self, rule: Rule) -> list[Condition]:
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
        return [Condition(*row) for row in self.rows(query, rule_id=self.rule_id)]

    def _check(
        self, conditions: list[Condition], events: WindowEvents | None
    ) -> dict[str, tuple[ConditionCheck, ...]]:
        """The checked conditions of each alternative."""
        values = self._lead_values([each.field for each in conditions if not each.is_on_event])
        checks: dict[str, tuple[ConditionCheck, ...]] = {}
        for condition in conditions:
            if not condition.is_on_event:
                check = self._check_on_lead(condition, values.get(condition.field))
            elif events is None:
                check = unchecked(condition)
            else:
                check = events.check(condition)
            checks[condition.alternative] = (*checks.get(condition.alternative, ()), check)
        return checks

    def _lead_values(self, fields: list[str]) -> dict[str, str | None]:
        if not fields:
            return {}
        rows = self.rows(
            """
            select field, field_value from intermediate.int_lead_attributes
            where lead_key = $lead_key and list_contains($fields, field)
            """,
            lead_key=self.lead_key,
            fields=fields,
        )
        return dict(rows)

    def _check_on_lead(self, condition: Condition, value: str | None) -> ConditionCheck:
        holds: bool | None = None
        if condition.key is not None:
            holds = self.rows(
                f"select {IS_MET} from (select cast($value as varchar) as field_value) as seen",  # noqa: S608
                day=self.as_of_date,
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

    def _given_points(self) -> GivenPoints | None:
        rows = self.rows(
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
