"""The rules of a run: read, merged, checked against the columns that the source has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from orchestration.lib.landing import ColumnAliases, load_table_specs, read_source_columns
from orchestration.lib.problems import InputError, Notice, Problem
from orchestration.lib.seeds import (
    KnownFields,
    SeedSet,
    check_seeds,
    column_aliases,
    load_seeds,
)
from orchestration.lib.seeds.names import fold_name
from orchestration.lib.settings import Settings

# Columns of the file source that are no attribute and no event property.
_LEAD_KEYS = frozenset({"lead_id"})
_EVENT_KEYS = frozenset({"lead_id", "event_id", "event_type", "occurred_at"})
# What `company` and `opted_out` give, whatever attributes.csv says (macro file_field_columns).
_STANDARD_FIELDS = frozenset({"company_name", "do_not_contact"})


@dataclass(frozen=True)
class CheckedRules:
    """Seeds without a mistake, with what a person should know about them."""

    seed_set: SeedSet
    aliases: ColumnAliases
    notices: tuple[Notice, ...]


def check_rules(settings: Settings) -> CheckedRules:
    """Read and check every seed.

    Raises:
        InputError: with every mistake that was found.
    """
    seed_set = load_seeds(settings.project_root / "seeds", settings.rules_dir)
    aliases = column_aliases(seed_set)
    result = check_seeds(seed_set, read_known_fields(settings, aliases))
    if result.problems:
        raise InputError(result.problems)
    return CheckedRules(result.seed_set, aliases, result.notices)


def check_every_rule(settings: Settings) -> CheckedRules:
    """Check the rules in force and, if they only belong to the bundled data, the shipped ones too.

    Notices are about the rules in force alone; of the others only mistakes are told.

    Raises:
        InputError: with every mistake that was found.
    """
    if settings.chosen_rules_dir == settings.rules_dir:
        return check_rules(settings)
    problems: dict[Problem, None] = {}
    checked: list[CheckedRules] = []
    for folder in (None, settings.rules_dir):
        try:
            checked.append(check_rules(replace(settings, rules_dir=folder)))
        except InputError as error:
            problems.update(dict.fromkeys(error.problems))
    if problems:
        raise InputError(problems)
    return checked[-1]


def read_known_fields(settings: Settings, aliases: ColumnAliases) -> KnownFields:
    """The fields that the files of the enabled sources bear, from their headers alone."""
    leads: set[str] = set(_STANDARD_FIELDS)
    properties: set[str] = set()
    for source in settings.sources:
        specs = load_table_specs(settings.project_root / "models", source)
        columns = read_source_columns(settings.source_dir(source), specs, aliases)
        leads |= _named(columns, "leads") - _LEAD_KEYS
        properties |= _named(columns, "events") - _EVENT_KEYS
    return KnownFields(frozenset(leads), frozenset(properties))


def _named(columns: Mapping[str, Sequence[str]], table: str) -> set[str]:
    return {fold_name(column) for column in columns.get(table, ())}
