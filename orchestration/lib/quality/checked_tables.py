"""The raw tables of a build, and which of their columns the checks look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from orchestration.lib.publishing.sql_text import identifier
from orchestration.lib.settings import Settings
from orchestration.lib.state.raw_tables import raw_text


@dataclass(frozen=True)
class CheckedTable:
    """A raw table in SQL, for a connection with the build file attached as `build`.

    Attributes:
        source: source of the rows.
        name: the table.
        relation: where it is.
        texts: expressions for the text of each column, by its name in lower case, loaders' own
            columns included.
        types: types of the columns in the database.
        key: expression for the id of a row, None where rows have none.
        is_key_required: whether the source cannot do without the id.
        time: expression for when it happened, None where rows have no time.
        type: expression for the type of event, None where rows have none.
        person: expression for whom a row is about, None where it is about nobody.
        known_in: table and column where persons are known, None where nobody is.
    """

    source: str
    name: str
    relation: str
    texts: Mapping[str, str]
    types: Mapping[str, str]
    key: str | None
    is_key_required: bool
    time: str | None
    type: str | None
    person: str | None
    known_in: tuple[str, str] | None

    @property
    def table_id(self) -> str:
        """How people, limits and plans name it."""
        return f"{self.source}.{self.name}"

    @property
    def is_dated(self) -> bool:
        """Whether its rows have times."""
        return self.time is not None


def read_checked_tables(
    connection: duckdb.DuckDBPyConnection, settings: Settings
) -> list[CheckedTable]:
    """The tables of the catalogue that are there, of the enabled sources in their order."""
    return [
        table
        for source in settings.sources
        for entry in catalogue(settings.project_root, source)
        if (table := _table(connection, settings, source, entry)) is not None
    ]


def table_ids(project_root: Path) -> list[str]:
    """Every table that any source can have, as `source.table`."""
    folders = sorted((project_root / "models" / "staging").iterdir())
    return [
        f"{folder.name}.{entry['name']}"
        for folder in folders
        if (folder / f"_{folder.name}__sources.yml").is_file()
        for entry in catalogue(project_root, folder.name)
    ]


@cache
def catalogue(project_root: Path, source: str) -> list[dict[str, Any]]:
    """The tables of a source as its YAML describes them."""
    file = project_root / "models" / "staging" / source / f"_{source}__sources.yml"
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506
    return [
        table
        for entry in document["sources"]
        if entry["name"] == source
        for table in entry["tables"]
    ]


def _table(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    source: str,
    entry: Mapping[str, Any],
) -> CheckedTable | None:
    place = settings.place(source)
    rows = connection.execute(
        "select schema_name, table_name, column_name, upper(data_type) from duckdb_columns()"
        " where lower(database_name) = lower(?) and lower(schema_name) = lower(?)"
        " and lower(table_name) = lower(?) order by column_index",
        [
            (place.database if place else None) or "build",
            place.schema if place else f"raw_{source}",
            entry["name"],
        ],
    ).fetchall()
    if not rows:
        return None
    texts = {
        str(column).lower(): raw_text(f"raw.{identifier(column)}", kind, is_landed=not place)
        for _, _, column, kind in rows
    }
    checks = _meta(entry).get("checks", {})
    key = checks.get("key")
    required = {column["name"] for column in entry["columns"] if _meta(column).get("required")}
    database = (place.database if place else None) or "build"
    known_table, _, known_column = str(checks.get("known_in", "")).partition(".")
    return CheckedTable(
        source=source,
        name=entry["name"],
        relation=".".join(identifier(str(name)) for name in (database, *rows[0][:2])),
        texts=texts,
        types={str(column).lower(): kind for _, _, column, kind in rows},
        key=texts.get(key) if key else None,
        is_key_required=key in required,
        time=_first_known(texts, checks.get("times")),
        type=_first_known(texts, [checks["type"]] if "type" in checks else None),
        person=_first_known(texts, checks.get("persons")),
        known_in=(f"{source}.{known_table}", known_column) if known_column else None,
    )


def _meta(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    meta: Mapping[str, Any] = (entry.get("config") or {}).get("meta") or {}
    return meta


def _first_known(texts: Mapping[str, str], columns: list[str] | None) -> str | None:
    found = [texts[column] for column in columns or () if column in texts]
    return f"coalesce({', '.join(found)}, null)" if found else None
