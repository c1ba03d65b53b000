"""The raw tables of the enabled sources: in files that are landed, or read where they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from orchestration.lib.landing import (
    ColumnAliases,
    LandingReport,
    SchemaInPlace,
    absent_tables_notice,
    load_table_specs,
    read_columns_in_place,
    read_source_columns,
)
from orchestration.lib.landing.source_files import SourceFile, find_source_files
from orchestration.lib.problems import InputError, Problem
from orchestration.lib.settings import Settings


def read_columns(
    settings: Settings, source: str, aliases: ColumnAliases
) -> dict[str, tuple[str, ...]]:
    """The columns of each table that a source brings, from headers or the catalogue alone.

    Raises:
        InputError: a required table or column is missing, or something cannot be read.
        RunFailed: another program writes to the file that holds the tables.
    """
    specs = load_table_specs(settings.project_root / "models", source)
    place = schema_in_place(settings, source)
    if place is not None:
        return read_columns_in_place(place, specs)
    if settings.is_bundled and not settings.raw_dir.is_dir():
        # Not made yet: its columns are those of the catalogue.
        return {spec.name: spec.columns for spec in specs}
    return read_source_columns(settings.source_dir(source), specs, aliases)


def report_in_place(settings: Settings, source: str) -> LandingReport:
    """What stands in for the landing of a source that is read in place."""
    specs = load_table_specs(settings.project_root / "models", source)
    there = read_columns(settings, source, {})
    absent = [spec.name for spec in specs if spec.name not in there]
    return LandingReport((), (absent_tables_notice(source, absent),) if absent else ())


def files_to_land(settings: Settings) -> Iterator[tuple[str, SourceFile]]:
    """The files that a build would land, each with its source.

    Raises:
        InputError: a folder or a required file is missing, or a table has two files.
    """
    for source in settings.landed_sources:
        specs = load_table_specs(settings.project_root / "models", source)
        for file in find_source_files(settings.source_dir(source), specs).values():
            yield source, file


def schema_in_place(settings: Settings, source: str) -> SchemaInPlace | None:
    """The schema that holds the tables of a source; None for a source that is landed.

    Raises:
        InputError: no file is attached under the name that the var `<source>_database` gives.
    """
    place = settings.place(source)
    if place is None:
        return None
    return SchemaInPlace(source, _database_file(settings, source, place.database), place.schema)


def _database_file(settings: Settings, source: str, name: str | None) -> Path:
    if name is None:
        return settings.workdir.database
    if name in settings.attached:
        return settings.attached[name]
    raise InputError(
        Problem(
            f"The var {source}_database names '{name}', and no file is attached under this name.",
            f'Write {name} = "path/of/the/file.duckdb" below [attach] in leads.toml.',
        )
    )
