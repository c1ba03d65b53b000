"""The tables whose columns are fields: raw ones, and the models that carry or compute fields."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestration.lib.inspection.prepared_seeds import SeedRow
from orchestration.lib.publishing.serving import open_snapshot
from orchestration.lib.publishing.sql_text import identifier
from orchestration.lib.seeds.field_names import EVENT_PREFIX
from orchestration.lib.seeds.known_fields import FIELD_TABLES, FieldTable
from orchestration.lib.seeds.names import fold_name
from orchestration.lib.settings import Settings

if TYPE_CHECKING:
    import duckdb

# Attributes that are read from columns of the same name, so that such a column does not take their
# place: those of the macro refined_fields, and every field of the company.
REFINED_FIELDS = frozenset({"company_name", "company_relation", "employee_count", "prefecture"})
_COMPANY_PREFIX = "company."


@dataclass(frozen=True)
class RawTable:
    """A raw table whose columns are fields, and the connection to the file that holds it."""

    connection: duckdb.DuckDBPyConnection
    source: str
    schema: str
    table: str
    columns: tuple[str, ...]
    fields: FieldTable

    @property
    def relation(self) -> str:
        """The table as SQL names it."""
        return f"{identifier(self.schema)}.{identifier(self.table)}"

    @property
    def shown_name(self) -> str:
        """The table as people read it."""
        return f"{self.schema}.{self.table}"


def raw_tables(
    connection: duckdb.DuckDBPyConnection, settings: Settings, files: ExitStack
) -> Iterator[RawTable]:
    """The tables of every source, landed or read in place, leads before companies before events."""
    for source, described in FIELD_TABLES.items():
        place = settings.place(source)
        schema = f"raw_{source}" if place is None else place.schema
        reader = connection
        if place is not None and place.database is not None:
            file = settings.attached.get(place.database)
            if source not in settings.sources or file is None:
                continue
            reader = files.enter_context(open_snapshot(file))
        found = _columns_of_schema(reader, schema)
        for table, fields in described.items():
            if table in found:
                yield RawTable(reader, source, schema, table, found[table], fields)


def _columns_of_schema(
    connection: duckdb.DuckDBPyConnection, schema: str
) -> dict[str, tuple[str, ...]]:
    rows = connection.execute(
        """
        select lower(table_name), list(lower(column_name) order by column_index)
        from duckdb_columns()
        where database_name = current_database() and lower(schema_name) = lower(?)
        group by all
        order by all
        """,
        [schema],
    ).fetchall()
    return {table: tuple(columns) for table, columns in rows}


def field_expressions(raw: RawTable, attributes: Mapping[str, SeedRow]) -> dict[str, str]:
    """The SQL expression of every field that the table gives, by field."""
    expressions = {
        field: _text(column)
        for column in raw.columns
        if (field := raw.fields.field(column)) is not None
    }
    if raw.fields.prefix:
        return expressions
    for name, row in attributes.items():
        found = [
            column
            for column in dict.fromkeys(_columns_of_attribute(raw, name, row))
            if column in raw.columns
        ]
        if found and not name.startswith(EVENT_PREFIX):
            expressions[name] = f"coalesce({', '.join(map(_text, found))}, null)"
    return expressions


def _columns_of_attribute(raw: RawTable, name: str, row: SeedRow) -> list[str]:
    """The columns that attributes.csv names for an attribute, best first."""
    if raw.source == "file":
        headers = (row.get("source_file") or "").split("|")
        return [name, *(fold_name(header) for header in headers)]
    named = fold_name(row.get(f"source_{raw.source}") or "")
    table, _, column = named.partition(".")
    return [column] if table == raw.table else []


def _text(column: str) -> str:
    return f"cast({identifier(column)} as varchar)"


def carried_fields(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The fields that conditions name, as `int_leads` carries them."""
    rows = connection.execute(
        """
        select column_name from duckdb_columns()
        where
            schema_name = 'intermediate'
            and table_name = 'int_leads'
            and starts_with(column_name, 'lead.')
        """
    ).fetchall()
    return {name.removeprefix("lead."): identifier(name) for (name,) in rows}


def computed_fields(
    connection: duckdb.DuckDBPyConnection,
    given: Collection[str],
    attributes: Mapping[str, SeedRow],
    used: Collection[str],
) -> dict[str, dict[str, str]]:
    """The derived and measured attributes by the model that computes them.

    `given` are the columns of the leads file; one that bears the name of an attribute takes its
    place. `used` are the fields that conditions name.
    """
    rows = connection.execute(
        """
        select table_name, column_name from duckdb_columns()
        where
            schema_name = 'intermediate'
            and table_name in ('int_lead_derivations', 'int_lead_measures', 'int_lead_motions')
            and column_name not in ('lead_key', 'version_key', 'lead_id')
        """
    ).fetchall()
    computed: dict[str, dict[str, str]] = {}
    for table, name in rows:
        is_refined = name in REFINED_FIELDS or name.startswith(_COMPANY_PREFIX)
        is_replaced = name in given and not is_refined
        is_unasked = table == "int_lead_measures" and name not in used
        if (name in attributes or is_refined) and not is_replaced and not is_unasked:
            computed.setdefault(table, {})[name] = f"cast({identifier(name)} as varchar)"
    return computed
