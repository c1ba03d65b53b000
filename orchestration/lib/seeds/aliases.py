"""The headers that people write for the columns of the file source."""

from __future__ import annotations

from collections.abc import Mapping

from orchestration.lib.seeds.names import fold_name
from orchestration.lib.seeds.tables import SeedSet, SeedTable

ColumnAliases = Mapping[str, Mapping[str, str]]


def column_aliases(seed_set: SeedSet) -> ColumnAliases:
    """For each table of the file source: folded header -> column.

    `column_aliases.csv` comes first, then the headers and the Japanese label that
    `attributes.csv` gives. A header that is the column's own name is no alias.
    """
    return aliases_of_tables(seed_set.tables)


def aliases_of_tables(tables: Mapping[str, SeedTable]) -> dict[str, dict[str, str]]:
    """See `column_aliases`."""
    found: dict[str, dict[str, str]] = {}
    for row in tables["column_aliases"].rows:
        table, alias, column = (row.cells[name] for name in ("table_name", "alias", "column_name"))
        if table and alias and column:
            found.setdefault(fold_name(table), {}).setdefault(fold_name(alias), fold_name(column))
    rows = tables["attributes"].rows
    own_names = {_own_name(row.cells["attribute"] or "") for row in rows}
    for row in rows:
        attribute = row.cells["attribute"] or ""
        headers = [fold_name(name) for name in (row.cells["source_file"] or "").split("|")]
        column = headers[0] or _own_name(attribute)
        table = "events" if fold_name(attribute).startswith("event.") else "leads"
        meanings = dict.fromkeys(headers[1:], column)
        # The label of a derived attribute names the result, not the column it comes from.
        labelled = _own_name(attribute) if row.get("kind") == "derived" else column
        # Only a label that the file gives: the default would be the attribute's own name.
        meanings.setdefault(fold_name(row.given["label_ja"] or ""), labelled)
        for header, meaning in meanings.items():
            if header and header != meaning and header not in own_names:
                found.setdefault(table, {}).setdefault(header, meaning)
    return found


def _own_name(attribute: str) -> str:
    return fold_name(attribute).removeprefix("event.")
