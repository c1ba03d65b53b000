"""The raw files of now: their content, and when those about people were delivered."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from orchestration.lib.builds.source_tables import files_to_land
from orchestration.lib.landing import load_table_specs
from orchestration.lib.landing.earlier_landings import hash_file
from orchestration.lib.landing.source_files import find_source_files
from orchestration.lib.landing.table_specs import TableSpec
from orchestration.lib.publishing.sql_text import identifier, literal
from orchestration.lib.settings import Settings

# Tables of people; a source without any of them says nothing of whom to leave alone.
_PEOPLE = ("contact", "leads")
# Where loaders say when they brought a row.
_LOADED_AT = ("_fivetran_synced", "received_at", "loaded_at", "uuid_ts")


def raw_file_hashes(settings: Settings) -> dict[str, str]:
    """SHA-256 of every file that a build would land, by `<source>/<file name>`."""
    return {
        f"{source}/{file.name}": hash_file(file.path) for source, file in files_to_land(settings)
    }


def data_time(settings: Settings) -> datetime | None:
    """When the data on people were delivered, UTC: of several sources the one that waits longest.

    Of files the time counts at which the one of the people was written, of tables in place the
    newest load. None where nobody can tell.
    """
    times: list[datetime | None] = []
    needed_tables = {source: _needed(settings, source) for source in settings.sources}
    for source, needed in needed_tables.items():
        if not needed and any(needed_tables.values()):
            continue
        if source not in settings.landed_sources:
            times += [_loaded_at(settings, source, spec.name) for spec in needed]
            continue
        files = find_source_files(settings.source_dir(source), _specs(settings, source))
        written = [files[spec.name].path for spec in needed if spec.name in files]
        if written:
            times.append(max(_written_at(path) for path in written))
    known = [time for time in times if time is not None]
    return min(known) if known and len(known) == len(times) else None


def _needed(settings: Settings, source: str) -> list[TableSpec]:
    return [spec for spec in _specs(settings, source) if spec.name in _PEOPLE]


def _specs(settings: Settings, source: str) -> tuple[TableSpec, ...]:
    return tuple(load_table_specs(settings.project_root / "models", source))


def _written_at(path: Path) -> datetime:
    return _moment(path.stat().st_mtime)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _loaded_at(settings: Settings, source: str, table: str) -> datetime | None:
    """The newest load of a table that is read where it is."""
    place = settings.place(source)
    if place is None:
        return None
    file = settings.attached.get(place.database or "") or settings.workdir.database
    try:
        with closing(duckdb.connect()) as connection:
            connection.execute("set timezone = 'UTC'")
            connection.execute(f"attach {literal(file)} as place (read_only)")
            relation = f"place.{identifier(place.schema)}.{identifier(table)}"
            columns = [
                str(name) for name, *_ in connection.execute(f"describe {relation}").fetchall()
            ]
            for column in columns:
                if column.lower() in _LOADED_AT:
                    row = connection.execute(
                        "select epoch(max(try_cast("  # noqa: S608 - quoted names
                        f"{identifier(column)} as timestamptz))) from {relation}"
                    ).fetchone()
                    return None if not row or row[0] is None else _moment(float(row[0]))
    except duckdb.Error:
        return None
    return None
