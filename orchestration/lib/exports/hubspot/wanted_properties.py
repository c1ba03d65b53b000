"""The properties that HubSpot should have, from the seeds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from orchestration.lib.problems import InputError, Problem
from orchestration.lib.seeds.tables import SeedRow, SeedSet, SeedTable

SEED = "crm_properties"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_TYPES = {
    "text": ("string", "text"),
    "number": ("number", "number"),
    "date": ("date", "date"),
    "choice": ("enumeration", "select"),
}
_DISPOSITIONS = "disposition_values"


@dataclass(frozen=True)
class Option:
    """A value that may be chosen, and its label."""

    value: str
    label: str


@dataclass(frozen=True)
class WantedProperty:
    """A property as the seeds describe it; types are HubSpot's words."""

    object_name: str
    name: str
    group_name: str
    group_label: str
    label: str
    note: str
    value_type: str
    field_type: str
    is_unique: bool
    options: tuple[Option, ...]

    @property
    def is_of_hubspot(self) -> bool:
        """Whether HubSpot defines it, so that it is only compared."""
        return self.name.startswith("hs_")

    def to_json(self) -> dict[str, object]:
        """What HubSpot needs to create it."""
        content: dict[str, object] = {
            "name": self.name,
            "label": self.label,
            "description": self.note,
            "groupName": self.group_name,
            "type": self.value_type,
            "fieldType": self.field_type,
            "formField": False,
        }
        if self.is_unique:
            content["hasUniqueValue"] = True
        if self.options:
            content["options"] = options_json(self.options)
        return content


def options_json(options: tuple[Option, ...], first_order: int = 0) -> list[dict[str, object]]:
    """Options as HubSpot writes them, in their order."""
    return [
        {"label": option.label, "value": option.value, "displayOrder": order, "hidden": False}
        for order, option in enumerate(options, start=first_order)
    ]


def wanted_properties(seed_set: SeedSet, language: str) -> tuple[WantedProperty, ...]:
    """The properties of crm_properties.csv, with labels in `language` (en or ja).

    Raises:
        InputError: with every row that HubSpot could not take.
    """
    table = seed_set.tables[SEED]
    texts = {
        row.cells["text_id"]: row.cells[f"text_{language}"] for row in seed_set.tables["texts"].rows
    }
    problems: list[Problem] = []
    wanted: list[WantedProperty] = []
    for row in table.rows:
        found = _problems_of(table, row, seed_set)
        problems += found
        if not found:
            wanted.append(_wanted(row, seed_set, texts, language))
    if problems:
        raise InputError(problems)
    return tuple(wanted)


def _wanted(
    row: SeedRow, seed_set: SeedSet, texts: Mapping[str | None, str | None], language: str
) -> WantedProperty:
    cells = row.cells
    value_type, field_type = _TYPES[cells["value_type"] or ""]
    group = cells["group_name"] or ""
    return WantedProperty(
        object_name=cells["object_name"] or "",
        name=cells["property_name"] or "",
        group_name=group,
        group_label=texts.get(f"crm_group_{group}") or group,
        label=cells[f"label_{language}"] or cells["property_name"] or "",
        note=cells[f"note_{language}"] or "",
        value_type=value_type,
        field_type=field_type,
        is_unique=cells["is_unique"] == "true",
        options=_options(row, seed_set, language) if value_type == "enumeration" else (),
    )


def _options(row: SeedRow, seed_set: SeedSet, language: str) -> tuple[Option, ...]:
    """The values of the seed's column, each once, in the order of the seed."""
    seed, _, column = (row.cells["values_from"] or "").partition(".")
    found: dict[str, str] = {}
    for each in seed_set.tables[seed].rows:
        is_other = seed == _DISPOSITIONS and (
            each.cells["source"],
            each.cells["source_object"],
            each.cells["source_field"],
        ) != ("hubspot", "contact", row.cells["property_name"])
        value = each.cells[column]
        if value and not is_other:
            # A seed with a row per value labels the value; grades.csv has several a temperature.
            label = each.cells.get(f"label_{language}") or value
            found.setdefault(value, label)
    return tuple(Option(value, label) for value, label in found.items())


def _problems_of(table: SeedTable, row: SeedRow, seed_set: SeedSet) -> list[Problem]:
    problems = []
    name, group = row.get("property_name") or "", row.get("group_name") or ""
    if not _NAME.fullmatch(name):
        problems.append(
            table.problem(
                row,
                "property_name",
                "HubSpot takes no such name.",
                "Begin with a small letter; small letters, digits and _ only.",
            )
        )
    elif not name.startswith("hs_") and not _NAME.fullmatch(group):
        problems.append(
            table.problem(
                row, "group_name", "HubSpot takes no such group.", "Write ls_lead_scoring."
            )
        )
    if row.get("value_type") not in _TYPES:
        problems.append(
            table.problem(
                row, "value_type", "There is no such type.", f"Write {', '.join(_TYPES)}."
            )
        )
    elif row.get("value_type") == "choice":
        problems += _problems_of_choice(table, row, seed_set)
    return problems


def _problems_of_choice(table: SeedTable, row: SeedRow, seed_set: SeedSet) -> list[Problem]:
    seed, _, column = (row.get("values_from") or "").partition(".")
    if seed not in seed_set.tables or column not in seed_set.tables[seed].spec.column_names:
        message, remedy = "There is no such seed and column.", "Write for instance grades.grade."
    elif not _options(row, seed_set, "en"):
        message = "The seed has no value for this property, so there is nothing to choose."
        remedy = f"Add rows to {seed}.csv, or make the property a text."
    else:
        return []
    return [table.problem(row, "values_from", message, remedy)]
