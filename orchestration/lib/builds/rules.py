"""The rules of a run: read, merged, checked against the columns that the source has."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.lib.builds.source_tables import read_columns
from orchestration.lib.landing import ColumnAliases
from orchestration.lib.problems import InputError, Notice
from orchestration.lib.seeds import (
    KnownFields,
    SeedSet,
    check_seeds,
    column_aliases,
    known_fields,
    load_seeds,
)
from orchestration.lib.settings import Settings


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


def read_known_fields(settings: Settings, aliases: ColumnAliases) -> KnownFields:
    """The fields that the enabled sources bear, from the names of their columns alone."""
    return known_fields(
        {source: read_columns(settings, source, aliases) for source in settings.sources}
    )
