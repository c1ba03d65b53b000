"""The raw tables whose rows are overwritten, so that their changes have to be recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from orchestration.lib.publishing.sql_text import identifier
from orchestration.lib.settings import Settings

# Name of the key in what was last seen. Raw columns that begin with _ belong to a loader.
RECORD_ID = "_record_id"
_WHITE_SPACE = r"' ' || chr(9) || chr(13) || chr(10) || chr(160) || chr(12288)"


@dataclass(frozen=True)
class _Spec:
    """A raw table: what its rows are, what names a row, and which of two rows is newer."""

    source: str
    name: str
    entity: str
    key: tuple[str, ...]
    newest_first: str
    # Columns that are no property of the record.
    ignored: tuple[str, ...] = ()


_SPECS = (
    _Spec("file", "leads", "lead", ("lead_id",), "created_at"),
    _Spec("file", "companies", "company", ("company_id", "company"), "created_at"),
    _Spec("file", "deals", "deal", ("deal_id",), "created_at", ("lead_id",)),
    _Spec("hubspot", "contact", "lead", ("id",), "_fivetran_synced"),
    _Spec("hubspot", "company", "company", ("id",), "_fivetran_synced"),
    _Spec("hubspot", "deal", "deal", ("deal_id",), "_fivetran_synced"),
)


@dataclass(frozen=True)
class RawTable:
    """A raw table of this build in SQL.

    Attributes:
        source: source of the rows.
        name: the table.
        entity: what its rows are: lead, company or deal.
        relation: where it is, for a connection with the build file attached as `build`.
        key: expression for the id of the record.
        texts: expressions for the text of every recorded column, by its name in lower case.
        newest_first: expressions by which the newest of several rows comes first.
    """

    source: str
    name: str
    entity: str
    relation: str
    key: str
    texts: Mapping[str, str]
    newest_first: tuple[str, ...]


def recorded_tables(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[RawTable]:
    """The tables of the enabled sources that are there, landed or read in place."""
    found = (
        _table(connection, settings, spec) for spec in _SPECS if spec.source in settings.sources
    )
    return [table for table in found if table is not None]


def _table(
    connection: duckdb.DuckDBPyConnection, settings: Settings, spec: _Spec
) -> RawTable | None:
    place = settings.place(spec.source)
    database = (place.database if place else None) or "build"
    schema = place.schema if place else f"raw_{spec.source}"
    rows = connection.execute(
        "select schema_name, table_name, column_name, upper(data_type) from duckdb_columns()"
        " where lower(database_name) = lower(?) and lower(schema_name) = lower(?)"
        " and lower(table_name) = lower(?) order by column_index",
        [database, schema, spec.name],
    ).fetchall()
    texts = {
        str(column).lower(): raw_text(identifier(str(column)), str(data_type), is_landed=not place)
        for _, _, column, data_type in rows
    }
    keys = [texts[column] for column in spec.key if column in texts]
    if not keys:
        return None
    recorded = {
        column: text
        for column, text in texts.items()
        if not column.startswith("_") and column not in (*spec.key[:1], *spec.ignored)
    }
    newest = (texts[spec.newest_first],) if spec.newest_first in texts else ()
    relation = ".".join(identifier(str(name)) for name in (database, *rows[0][:2]))
    key = keys[0] if len(keys) == 1 else f"coalesce({', '.join(keys)})"
    return RawTable(spec.source, spec.name, spec.entity, relation, key, recorded, newest)


def raw_text(column: str, data_type: str, *, is_landed: bool) -> str:
    """The text of a raw value, as the macro raw_text gives it to the models."""
    if is_landed:
        return column
    text = f"cast({column} as varchar)"
    if data_type in {"DOUBLE", "FLOAT"}:
        return (
            f"case when isnan({column}) then null when {column} = 0 then '0'"
            f" else regexp_replace({text}, '[.]0$', '') end"
        )
    if data_type == "TIMESTAMP WITH TIME ZONE":
        return f"cast(timezone('UTC', {column}) as varchar) || 'Z'"
    if data_type.startswith(("VARCHAR", "ENUM", "JSON")):
        return f"nullif(trim({text}, {_WHITE_SPACE}), '')"
    return text
