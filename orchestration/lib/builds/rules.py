"""The rules of a run: read, merged, checked against the columns that the source has."""

from __future__ import annotations

from dataclasses import dataclass, replace

from orchestration.lib.builds.calendar_end import calendar_end_notices
from orchestration.lib.builds.source_tables import read_columns
from orchestration.lib.landing import ColumnAliases
from orchestration.lib.problems import InputError, Notice, Problem
from orchestration.lib.quality.named_tables import check_named_tables
from orchestration.lib.seeds import (
    KnownFields,
    SeedSet,
    SeedTable,
    check_seeds,
    column_aliases,
    known_fields,
    load_seeds,
)
from orchestration.lib.settings import Settings
from orchestration.lib.settings.resolving import project_variables


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
    seed_set = _with_shipped_limits(
        settings, load_seeds(settings.project_root / "seeds", settings.rules_dir)
    )
    aliases = column_aliases(seed_set)
    result = check_seeds(seed_set, read_known_fields(settings, aliases))
    problems = [
        *result.problems,
        *_problems_of_business_calendar(settings, result.seed_set),
        *check_named_tables(settings.project_root, result.seed_set),
    ]
    if problems:
        raise InputError(problems)
    ends = calendar_end_notices(result.seed_set, settings.as_of_date)
    return CheckedRules(result.seed_set, aliases, (*result.notices, *ends))


def _with_shipped_limits(settings: Settings, seed_set: SeedSet) -> SeedSet:
    """A file of limits takes the place of single rows, so that no check is without a limit."""
    name = "quality_limits"
    own = seed_set.tables[name]
    if own.is_shipped:
        return seed_set
    shipped = load_seeds(settings.project_root / "seeds", None).tables[name]
    given = {(row.get("limit_id"), row.get("subject")) for row in own.rows}
    lacking = [
        row for row in shipped.rows if (row.get("limit_id"), row.get("subject")) not in given
    ]
    table = replace(own, rows=(*own.rows, *lacking))
    return replace(seed_set, tables={**seed_set.tables, name: table})


def shipped_texts(settings: Settings) -> SeedTable:
    """The words of `texts.csv` as they ship, for those that a rules folder does not have."""
    return load_seeds(settings.project_root / "seeds", None).tables["texts"]


def read_known_fields(settings: Settings, aliases: ColumnAliases) -> KnownFields:
    """The fields that the enabled sources bear, from the names of their columns alone."""
    return known_fields(
        {source: read_columns(settings, source, aliases) for source in settings.sources}
    )


def _problems_of_business_calendar(settings: Settings, seed_set: SeedSet) -> list[Problem]:
    """Without hours of the company's calendar no day would be a business day."""
    name = "business_calendar"
    calendar = {**project_variables(settings.project_root), **settings.variables}.get(name)
    hours = seed_set.tables["business_hours"]
    if any(row.get("calendar_id") == calendar for row in hours.rows):
        return []
    return [
        hours.problem(
            None,
            "calendar_id",
            f"No row is of '{calendar}', the calendar of the company (var '{name}').",
            f'Add its hours, or name another calendar in leads.toml: [vars] {name} = "…".',
        )
    ]
