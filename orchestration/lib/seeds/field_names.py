"""Fields and values of conditions in the one form that the models read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from orchestration.lib.seeds.aliases import aliases_of_tables
from orchestration.lib.seeds.days import parse_day
from orchestration.lib.seeds.names import fold_name
from orchestration.lib.seeds.tables import SeedRow, SeedTable

ORDERING = ("gt", "gte", "lt", "lte", "between")
NEEDS_NO_VALUE = ("is_known", "is_unknown")
EVENT_PREFIX = "event."


def is_condition_table(table: SeedTable) -> bool:
    """Whether the seed holds conditions (field, operator, value)."""
    return {"field", "operator", "value"} <= set(table.spec.column_names)


def is_of_agreement(table: SeedTable) -> bool:
    """Whether the seed is part of what marketing and sales agreed on, which may rest on scores."""
    return table.spec.folder == "handoff"


def canonical_conditions(tables: Mapping[str, SeedTable]) -> dict[str, SeedTable]:
    """The tables with every condition's field in lower case, aliases resolved, dates as ISO."""
    fields = _field_of_alias(tables)
    return {name: _canonical_table(table, fields) for name, table in tables.items()}


def _canonical_table(table: SeedTable, fields: Mapping[str, str]) -> SeedTable:
    if is_condition_table(table):
        return replace(table, rows=tuple(_canonical(row, fields) for row in table.rows))
    columns = [column.name for column in table.spec.columns if column.format == "fields"]
    if not columns:
        return table
    return replace(table, rows=tuple(_named(row, columns, fields) for row in table.rows))


def _named(row: SeedRow, columns: list[str], fields: Mapping[str, str]) -> SeedRow:
    """The row with aliases resolved in its lists of fields."""
    cells = dict(row.cells)
    for column in columns:
        if (text := row.get(column)) is not None:
            cells[column] = ",".join(
                "|".join(fields.get(field, field) for field in needed)
                for needed in needed_fields(text)
            )
    return replace(row, cells=cells)


def needed_fields(text: str) -> list[list[str]]:
    """What a list of fields asks for: of each inner list one field is enough."""
    return [part.split("|") for part in text.split(",")]


def _canonical(row: SeedRow, fields: Mapping[str, str]) -> SeedRow:
    cells = dict(row.cells)
    if cells["field"] is not None:
        field = fold_name(cells["field"])
        cells["field"] = fields.get(field, field)
    operator, value = cells["operator"], cells["value"]
    if operator in NEEDS_NO_VALUE:
        cells["value"] = None
    elif value is not None and operator in ORDERING:
        cells["value"] = "|".join(_canonical_day(part) for part in value.split("|"))
    return replace(row, cells=cells)


def _canonical_day(text: str) -> str:
    day = parse_day(text)
    return text if day is None else day.isoformat()


def _field_of_alias(tables: Mapping[str, SeedTable]) -> dict[str, str]:
    """What people may write as `field` besides its name: the headers that the landing knows.

    A header such as 会社名 is brought to its column by the landing, so a condition that
    names the header means the attribute of that column.
    """
    if "attributes" not in tables or "column_aliases" not in tables:
        return {}
    attribute_of_column: dict[str, str] = {}
    names: set[str] = set()
    for row in tables["attributes"].rows:
        attribute = fold_name(row.cells["attribute"] or "")
        names.add(attribute)
        column = (row.cells["source_file"] or "").split("|")[0]
        if column:
            attribute_of_column.setdefault(fold_name(column), attribute)
    aliases = aliases_of_tables(tables)
    found = {
        f"{EVENT_PREFIX}{alias}": f"{EVENT_PREFIX}{column}"
        for alias, column in aliases.get("events", {}).items()
    }
    for alias, column in aliases.get("leads", {}).items():
        found[alias] = attribute_of_column.get(column, column)
    return {alias: field for alias, field in found.items() if alias not in names}
