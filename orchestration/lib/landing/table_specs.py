"""Which tables and columns a source has: read from its dbt sources file, the one catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class TableSpec:
    """One table of a source.

    Attributes:
        name: the table, and the stem of its file.
        is_required: whether the source cannot do without it.
        columns: the contract's columns; those that a file lacks land as unknown.
        required_columns: those that a file must have.
        required_any: columns of which a file must have at least one; empty for no such demand.
        is_export: whether its file is the export of a warehouse's table: it may be called
            `<table>_data`, it may have a header and no rows unless the table is required, its
            absence is told, and its headers have no aliases.
        also_called: further names that its file may have.
    """

    name: str
    is_required: bool
    columns: tuple[str, ...]
    required_columns: tuple[str, ...]
    required_any: tuple[str, ...] = ()
    is_export: bool = False
    also_called: tuple[str, ...] = ()

    @property
    def file_stems(self) -> tuple[str, ...]:
        """What its file may be called, without the end that says its form."""
        exported = (f"{self.name}_data",) if self.is_export else ()
        return (self.name, *exported, *self.also_called)

    @property
    def may_be_empty(self) -> bool:
        """Whether a file with a header and no rows is in order."""
        return self.is_export and not self.is_required


def load_table_specs(models_dir: Path, source: str) -> tuple[TableSpec, ...]:
    """Read the tables of `source` from `models_dir/staging/<source>/_<source>__sources.yml`.

    Raises:
        ValueError: the file does not define the source (a defect of the project, not of an input).
        OSError: the file is not there.
    """
    path = models_dir / "staging" / source / f"_{source}__sources.yml"
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    for entry in document.get("sources", []):
        if entry["name"] == source:
            is_export = bool(_meta(entry).get("is_export", False))
            return tuple(_table_spec(table, is_export=is_export) for table in entry["tables"])
    raise ValueError(f"{path.name} defines no source named {source}.")


def _table_spec(table: Mapping[str, Any], *, is_export: bool) -> TableSpec:
    columns = table.get("columns", [])
    return TableSpec(
        name=table["name"],
        is_required=bool(_meta(table).get("required", False)),
        columns=tuple(column["name"] for column in columns),
        required_columns=tuple(
            column["name"] for column in columns if _meta(column).get("required", False)
        ),
        required_any=tuple(_meta(table).get("required_any", ())),
        is_export=is_export,
        also_called=tuple(_meta(table).get("also_called", ())),
    )


def _meta(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    meta: Mapping[str, Any] = (entry.get("config") or {}).get("meta") or {}
    return meta
