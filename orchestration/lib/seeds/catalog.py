"""The catalogue of seeds, read from the YAML files that also describe them to dbt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from orchestration.lib.problems import InputError, Problem

_COLUMN_META = {
    "required",
    "default",
    "default_from",
    "default_row_number",
    "accepted",
    "minimum",
    "maximum",
    "references",
    "separator",
    "format",
}
_FORMATS = {"fields", "points", "time_of_day", "time_zone"}
_KINDS = {"varchar", "integer", "date", "boolean"}


@dataclass(frozen=True)
class SeedColumn:
    """A column of a seed.

    `kind` is varchar, integer, decimal, date or boolean; `precision` and `scale` belong to decimal.
    `default` stands for an empty cell, `default_from` names the column whose value does, and with
    `is_row_number_default` the number of the row does, so that rows without an order keep theirs.
    `accepted` lists the only words allowed (empty: any). `references` is the seed and the columns
    in which the value must stand; of several columns the last one holds this column's value.
    With a `separator` the cell is a list, and both hold for each of its items. `format` is what a
    text must be: a time_of_day (HH:MM), a time_zone, fields (all needed, alternatives by `|`) or
    points (`score:number`, all needed).
    """

    name: str
    data_type: str
    kind: str
    precision: int
    scale: int
    description: str
    is_required: bool
    default: str | None = None
    default_from: str | None = None
    is_row_number_default: bool = False
    accepted: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    references: tuple[str, tuple[str, ...]] | None = None
    separator: str | None = None
    format: str | None = None

    def items(self, text: str | None) -> tuple[str, ...]:
        """The items of a cell: of a list each of them, else the cell itself; none if empty."""
        if text is None:
            return ()
        return tuple(text.split(self.separator)) if self.separator else (text,)


@dataclass(frozen=True)
class SeedSpec:
    """A seed: its folder below `seeds/`, its columns in file order and its key."""

    name: str
    folder: str
    columns: tuple[SeedColumn, ...]
    key: tuple[str, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns in file order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> SeedColumn:
        """The column of that name; raises KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def load_catalog(seeds_dir: Path) -> Mapping[str, SeedSpec]:
    """All seeds by name, in the order of the YAML files `<folder>/_<folder>__seeds.yml`.

    Raises:
        InputError: if a file cannot be read or describes a seed incompletely.
    """
    catalog: dict[str, SeedSpec] = {}
    files = sorted(seeds_dir.glob("*/_*__seeds.yml"))
    if not files:
        raise InputError(
            Problem(
                message="The folder holds no description of seeds (_<folder>__seeds.yml).",
                remedy="Point to the seeds folder of the project.",
                file=seeds_dir.name,
            )
        )
    for file in files:
        shown = f"{seeds_dir.name}/{file.parent.name}/{file.name}"
        for entry in _entries(file, shown):
            spec = _spec(entry, file.parent.name, shown)
            catalog[spec.name] = spec
    return catalog


def _entries(file: Path, shown: str) -> list[Any]:
    import yaml

    try:
        return list(_parsed(file.read_text(encoding="utf-8"))["seeds"])
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError) as error:
        raise InputError(
            Problem(
                message="The file is no readable list of seeds.",
                remedy="Restore it, or mend its YAML: a mapping with the key `seeds`.",
                file=shown,
            )
        ) from error


@cache
def _parsed(text: str) -> Any:
    """The content of a YAML file; one process may load the same seeds many times."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(text, Loader=loader)  # noqa: S506


def _spec(entry: Any, folder: str, shown: str) -> SeedSpec:
    try:
        name = str(entry["name"])
        types = entry["config"]["column_types"]
        key = tuple(str(column) for column in entry["config"]["meta"]["key"])
        columns = tuple(_column(column, types) for column in entry["columns"])
        unknown = set(key) - {column.name for column in columns}
        if unknown or list(types) != [column.name for column in columns]:
            raise ValueError("key and column_types must name the columns, in their order")
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            Problem(
                message=f"A seed is described incompletely ({error}).",
                remedy="Give name, config.column_types, config.meta.key and columns.",
                file=shown,
            )
        ) from error
    return SeedSpec(name=name, folder=folder, columns=columns, key=key)


def _column(entry: Any, types: Mapping[str, str]) -> SeedColumn:
    name = str(entry["name"])
    meta = dict(entry.get("config", {}).get("meta", {}))
    unknown = set(meta) - _COLUMN_META
    if unknown:
        raise ValueError(f"column {name}: unknown meta {', '.join(sorted(unknown))}")
    text_format = meta.get("format")
    if text_format is not None and text_format not in _FORMATS:
        raise ValueError(f"column {name}: unknown format {text_format}")
    data_type = str(types[name]).replace(" ", "").lower()
    kind, precision, scale = _parse_type(data_type)
    return SeedColumn(
        name=name,
        data_type=data_type,
        kind=kind,
        precision=precision,
        scale=scale,
        description=str(entry.get("description", "")),
        is_required=bool(meta.get("required", False)),
        default=None if meta.get("default") is None else _default_text(meta["default"]),
        default_from=meta.get("default_from"),
        is_row_number_default=bool(meta.get("default_row_number", False)),
        accepted=tuple(str(word) for word in meta.get("accepted", ())),
        minimum=meta.get("minimum"),
        maximum=meta.get("maximum"),
        references=_reference(meta.get("references")),
        separator=meta.get("separator"),
        format=text_format,
    )


def _default_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parse_type(data_type: str) -> tuple[str, int, int]:
    if data_type in _KINDS:
        return data_type, 0, 0
    if data_type.startswith("decimal(") and data_type.endswith(")"):
        precision, _, scale = data_type[len("decimal(") : -1].partition(",")
        return "decimal", int(precision), int(scale)
    raise ValueError(f"unknown type {data_type}")


def _reference(text: str | None) -> tuple[str, tuple[str, ...]] | None:
    if text is None:
        return None
    seed, _, columns = text.partition(".")
    return seed, tuple(columns.split("+"))
