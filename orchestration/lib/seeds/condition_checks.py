"""Checks of conditions, wherever they stand: fields, operators, values."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping

from orchestration.lib.problems import Notice, Problem
from orchestration.lib.seeds.cells import NUMBER
from orchestration.lib.seeds.days import DayRange, parse_day_range
from orchestration.lib.seeds.field_names import (
    EVENT_PREFIX,
    NEEDS_NO_VALUE,
    ORDERING,
    is_condition_table,
    is_of_agreement,
)
from orchestration.lib.seeds.known_fields import (
    KnownFields,
    NamedFields,
    named_fields,
    with_handoff_fields,
)
from orchestration.lib.seeds.names import did_you_mean, fold_name, trim
from orchestration.lib.seeds.patterns import invalid_patterns
from orchestration.lib.seeds.tables import SeedRow, SeedSet, SeedTable

_OWNER_TABLES = {"exclusion_conditions": "exclusions", "motion_conditions": "motions"}
_MOTION = "motion"
_WHOLE_VALUES = ("equals", "not_equals", "in", "not_in")


def check_conditions(
    seed_set: SeedSet, known: KnownFields | None
) -> tuple[list[Problem], list[Notice]]:
    """Check every seed of conditions. Without `known`, unknown names pass.

    A shipped condition of a shipped rule, policy, routing rule or program may name a field that a
    list of attributes in the rules folder lacks: the field is unknown for every lead then, as it is
    where a source lacks it.
    """
    problems: list[Problem] = []
    notices: list[Notice] = []
    attributes = seed_set.tables["attributes"]
    fields = named_fields(attributes, known)
    agreed_fields = with_handoff_fields(fields, seed_set.tables["handoff_fields"])
    subjects = _subjects_of_rules(seed_set.tables["scoring_rules"])
    for table in seed_set.tables.values():
        if not is_condition_table(table):
            continue
        owner_column = table.spec.key[0]
        is_of_rules = table.spec.name == "rule_conditions"
        nameable = agreed_fields if is_of_agreement(table) else fields
        lacking = (
            _lacking_rows(seed_set, table, nameable)
            if is_of_rules or is_of_agreement(table)
            else set()
        )
        for row in table.rows:
            subject = subjects.get(row.get(owner_column) or "") if is_of_rules else {"lead"}
            if subject is not None and row.number not in lacking:
                problems.extend(_check_field(table, row, nameable, attributes, subject))
            problems.extend(_check_value(table, row))
        problems.extend(_check_patterns(table))
        if is_of_agreement(table):
            problems.extend(_check_listed_values(seed_set, table))
        if lacking:
            notices.append(_notice_lacking(table, attributes, len(lacking)))
        notices.extend(_notices(table))
        owners = seed_set.tables.get(_OWNER_TABLES.get(table.spec.name, ""))
        if table.spec.name == "exclusion_conditions" and owners is not None:
            notices.extend(_notice_unconditional(owners, table))
    return problems, notices


def _subjects_of_rules(rules: SeedTable) -> Mapping[str, set[str]]:
    """For each rule what its periods apply to; a rule whose cell is unreadable is left out."""
    subjects: dict[str, set[str]] = defaultdict(set)
    unclear = set()
    for row in rules.rows:
        rule, applies_to = row.get("rule_id"), row.get("applies_to")
        if rule is None:
            continue
        if applies_to is None:
            unclear.add(rule)
        else:
            subjects[rule].add(applies_to)
    return {rule: found for rule, found in subjects.items() if rule not in unclear}


def _lacking_rows(seed_set: SeedSet, conditions: SeedTable, fields: NamedFields) -> set[int]:
    """Shipped conditions of shipped owners whose field only the replaced attributes had."""
    owner_column = conditions.spec.columns[0]
    if owner_column.references is None:
        return set()
    owners = seed_set.tables[owner_column.references[0]]
    is_replaced = not seed_set.tables["attributes"].is_shipped
    if not (is_replaced and conditions.is_shipped and owners.is_shipped and fields.is_source_known):
        return set()
    return {
        row.number
        for row in conditions.rows
        if (field := row.get("field")) is not None and not _is_known(field, fields)
    }


def _is_known(field: str, fields: NamedFields) -> bool:
    if field.startswith(EVENT_PREFIX):
        return field.removeprefix(EVENT_PREFIX) in fields.event
    return field in fields.lead


def _notice_lacking(table: SeedTable, attributes: SeedTable, count: int) -> Notice:
    rows = "1 row names" if count == 1 else f"{count} rows name"
    return table.notice(
        None,
        f"{rows} a field that {attributes.file}, which takes the place of the shipped file, does "
        "not list and no source has; it counts as unknown for every lead.",
    )


def _check_field(
    table: SeedTable,
    row: SeedRow,
    fields: NamedFields,
    attributes: SeedTable,
    subject: set[str],
) -> list[Problem]:
    field = row.get("field")
    if field is None:
        return []
    if field.startswith(EVENT_PREFIX):
        if "lead" in subject:
            return [
                table.problem(
                    row,
                    "field",
                    f"Unknown field '{field}': a condition on the lead has no event.",
                    "Name an attribute of the lead, or use a rule that applies to events.",
                )
            ]
        known, name = fields.event, field.removeprefix(EVENT_PREFIX)
        hint = "Name a property that attributes.csv or the events of your source have"
    else:
        known, name = fields.lead, field
        hint = "Name an attribute that attributes.csv or the leads of your source have"
        if field in fields.from_scores:
            return [
                table.problem(
                    row,
                    "field",
                    f"'{field}' is computed from scores, so no score may depend on it.",
                    "Name another attribute; if it is a column of your own, give it another name.",
                )
            ]
        if field in fields.said_by_sales:
            return [
                table.problem(
                    row,
                    "field",
                    f"'{field}' is known to the agreement only, and to no score.",
                    "Name another attribute, or the event behind the answer; conditions of the "
                    "agreement (policies, routing, programs) may name it.",
                )
            ]
    if field == _MOTION and table.spec.name == "motion_conditions":
        return [
            table.problem(
                row,
                "field",
                "A motion cannot depend on the motion: its conditions decide it.",
                "Name another attribute; the order of motions.csv says which motion goes first.",
            )
        ]
    if _is_known(field, fields) or not fields.is_source_known:
        return []
    if table.is_shipped and not attributes.is_shipped:
        hint = f"Add it to {attributes.file}, or put a {table.spec.name}.csv that fits beside it"
    if f"{EVENT_PREFIX}{field}" not in known and field in fields.event and "event" in subject:
        nearest = f" Did you mean '{EVENT_PREFIX}{field}'?"
    else:
        nearest = did_you_mean(name, known)
    return [
        table.problem(
            row,
            "field",
            f"Unknown field '{field}'.{nearest}",
            f"{hint}; `leads fields` lists them.",
        )
    ]


def _check_value(table: SeedTable, row: SeedRow) -> list[Problem]:
    operator, value = row.get("operator"), row.cells["value"]
    if operator is None or operator in NEEDS_NO_VALUE:
        return []
    if value is None:
        return [_wrong(table, row, f"The operator {operator} has no value.", "Fill in the value.")]
    if operator in ("in", "not_in"):
        return _check_list(table, row, value)
    if operator == "within_days":
        if not _is_whole_days(value):
            message = "within_days needs a number of days where none stands."
            return [_wrong(table, row, message, "Write a whole number of 0 or more, e.g. 30.")]
        return []
    if operator == "between":
        return _check_between(table, row, value)
    if operator in ORDERING and _number(value) is None and parse_day_range(value) is None:
        message = f"The operator {operator} needs a number or a date where none stands."
        return [_wrong(table, row, message, "Write e.g. 300, 0.5 or 2026-04-01.")]
    return []


def _check_list(table: SeedTable, row: SeedRow, value: str) -> list[Problem]:
    if all(fold_name(item) for item in value.split("|")):
        return []
    message = "The list has an empty item."
    return [_wrong(table, row, message, "Write the items with one | between them, e.g. a|b.")]


def _check_between(table: SeedTable, row: SeedRow, value: str) -> list[Problem]:
    bounds = value.split("|")
    if len(bounds) != 2 or not all(fold_name(bound) for bound in bounds):
        message = "between needs two values, low and high."
        return [_wrong(table, row, message, "Write them with one | between them, e.g. 100|299.")]
    numbers = [_number(bound) for bound in bounds]
    days = [parse_day_range(bound) for bound in bounds]
    low, high = numbers
    first, last = days
    if low is not None and high is not None:
        is_reversed = low > high
    elif first is not None and last is not None:
        is_reversed = _is_after(first, last)
    else:
        message = "between needs two numbers or two dates where none stand."
        return [_wrong(table, row, message, "Write e.g. 100|299 or 2026-04-01|2026-09-30.")]
    if is_reversed:
        message = "The low value of between is above the high one."
        return [_wrong(table, row, message, "Swap the two values.")]
    return []


def _is_after(first: DayRange, last: DayRange) -> bool:
    return first.first > last.last


def _number(text: str) -> float | None:
    if NUMBER.fullmatch(text) is None:
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def _is_whole_days(text: str) -> bool:
    number = _number(text)
    return number is not None and number >= 0 and number.is_integer()


def _wrong(table: SeedTable, row: SeedRow, message: str, remedy: str) -> Problem:
    return table.problem(row, "value", message, remedy)


def _check_listed_values(seed_set: SeedSet, table: SeedTable) -> list[Problem]:
    """Values that no lead can have, of fields whose values stand in another seed.

    What a rules folder takes away leaves a shipped condition that nobody meets; that is no mistake.
    """
    if table.is_shipped and not all(other.is_shipped for other in seed_set.tables.values()):
        return []
    listed = _listed_values(seed_set)
    problems: list[Problem] = []
    for row in table.rows:
        field, operator, value = row.get("field"), row.get("operator"), row.cells["value"]
        if field not in listed or operator not in _WHOLE_VALUES or value is None:
            continue
        source, known = listed[field]
        items = value.split("|") if operator in ("in", "not_in") else [value]
        problems.extend(
            _wrong(
                table,
                row,
                f"Unknown {field.replace('_', ' ')} '{trim(item)}'.{did_you_mean(item, known)}",
                f"Write what {source.file} holds.",
            )
            for item in items
            if fold_name(item) and fold_name(item) not in {fold_name(word) for word in known}
        )
    return problems


def _listed_values(seed_set: SeedSet) -> dict[str, tuple[SeedTable, set[str]]]:
    """For each field of the agreement whose values stand in a seed: the seed and the values."""
    found = {}
    for row in seed_set.tables["handoff_fields"].rows:
        seed, _, column = (row.get("values_from") or "").partition(".")
        source = seed_set.tables.get(seed)
        if source is not None and column in source.spec.column_names:
            values = {value for other in source.rows if (value := other.get(column))}
            found[fold_name(row.cells["field"] or "")] = (source, values)
    return found


def _check_patterns(table: SeedTable) -> list[Problem]:
    rows = [
        (row, value)
        for row in table.rows
        if row.get("operator") == "matches" and (value := row.cells["value"]) is not None
    ]
    invalid = invalid_patterns([value for _, value in rows])
    return [
        _wrong(
            table,
            row,
            "The pattern is not valid.",
            r"Write a regular expression in RE2 syntax; a literal ( or [ needs a \ before it.",
        )
        for row, value in rows
        if value in invalid
    ]


def _notices(table: SeedTable) -> list[Notice]:
    owner_column = table.spec.key[0]
    negated: dict[tuple[str, str], SeedRow] = {}
    taken_in: set[tuple[str, str]] = set()
    notices = []
    for row in table.rows:
        owner, field, operator = (row.get(name) for name in (owner_column, "field", "operator"))
        if owner is None or field is None or operator is None:
            continue
        if operator.startswith("not_"):
            negated.setdefault((owner, field), row)
        elif operator == "is_unknown":
            taken_in.add((owner, field))
        if operator in NEEDS_NO_VALUE and row.given["value"] is not None:
            notices.append(table.notice(row, f"{operator} needs no value; it is ignored."))
    said = set()
    for (owner, field), row in negated.items():
        if (owner, field) not in taken_in and owner not in said:
            said.add(owner)
            notices.append(
                table.notice(
                    row,
                    f"'{owner}' leaves out leads or events whose {field} is unknown. If they "
                    f"belong to it, add an alternative with {field} is_unknown.",
                )
            )
    return notices


def _notice_unconditional(owners: SeedTable, conditions: SeedTable) -> list[Notice]:
    key = owners.spec.key[0]
    conditioned = {row.get(key) for row in conditions.rows}
    return [
        owners.notice(row, f"'{row.get(key)}' has no condition and holds for every lead.")
        for row in owners.rows
        if row.get(key) not in conditioned
    ]
