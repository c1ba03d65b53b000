"""Words of the agreement in one language: labels of seeds, phrases of texts.csv, conditions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from orchestration.lib.seeds.names import fold_name, trim
from orchestration.lib.seeds.tables import SeedRow, SeedSet, SeedTable

_PREFIX = "agreement_"
_LISTS = ("in", "not_in")


class Words:
    """What the seeds call things in one language; the id where they have no word for it."""

    def __init__(self, seed_set: SeedSet, shipped_texts: SeedTable, language: str) -> None:
        self._tables = seed_set.tables
        self._language = language
        self._texts: dict[str, str] = {}
        # A rules folder may hold its own texts without the rows that are needed here.
        for table in (shipped_texts, seed_set.tables["texts"]):
            for row in table.rows:
                text = row.cells[f"text_{language}"]
                if (text_id := row.cells["text_id"]) and text:
                    self._texts[text_id] = text
        self._fields = {
            fold_name(row.cells[key] or ""): self.label(row)
            for seed, key in (("attributes", "attribute"), ("handoff_fields", "field"))
            for row in seed_set.tables[seed].rows
        }

    def label(self, row: SeedRow, column: str = "label") -> str:
        """The text of a row for people."""
        return row.cells[f"{column}_{self._language}"] or ""

    def named(self, seed: str, key: str, value: str | None) -> str:
        """The label of the row that a cell names; of several periods the last."""
        for row in reversed(self._tables[seed].rows):
            if row.cells[key] == value:
                return self.label(row)
        return value or ""

    def word(self, kind: str, value: str | None) -> str:
        """The word for one of the values that the project itself knows."""
        return self._texts.get(f"{_PREFIX}{kind}_{value}") or value or ""

    def any_of(self, items: Iterable[str]) -> str:
        """Several phrases of which one is enough."""
        return self._joined(list(items), "list", "list_or")

    def all_of(self, items: Iterable[str]) -> str:
        """Several phrases that all hold."""
        return self._joined(list(items), "list_and", "list_and")

    def field(self, field: str) -> str:
        """What people call a field."""
        return self._fields.get(field, field)

    def filled_label(self, row: SeedRow, value: str | None) -> str:
        """The label of a setting with its value in it."""
        return _filled(self.label(row), {"value": self.number(value)})

    def number(self, text: str | None) -> str:
        """A number of a seed with thousands separated, without idle zeros."""
        return "" if text is None else f"{Decimal(text):,f}"

    def condition(self, row: SeedRow) -> str:
        """A row of conditions as a phrase."""
        operator, value = row.cells["operator"] or "", row.cells["value"] or ""
        field = row.cells["field"] or ""
        parts = {"field": self.field(field), "value": self._value(field, value)}
        if operator in _LISTS:
            items = [self._value(field, trim(item)) for item in value.split("|")]
            parts["value"] = self._joined(items, "list_value", "list_value_or")
        elif operator == "between":
            low, _, high = value.partition("|")
            parts |= {"low": self._value(field, low), "high": self._value(field, high)}
        return _filled(self._texts.get(f"{_PREFIX}operator_{operator}", operator), parts)

    def conditions(self, table: SeedTable, owner: str | None) -> str:
        """The conditions of a policy, routing rule or program; empty where there are none."""
        alternatives: dict[str | None, list[str]] = {}
        for row in table.rows:
            if row.cells[table.spec.columns[0].name] == owner:
                alternatives.setdefault(row.cells["alternative"], []).append(self.condition(row))
        phrases = [self.all_of(joined) for joined in alternatives.values()]
        return self._joined(phrases, "list_alternative", "list_alternative")

    def _value(self, field: str, value: str) -> str:
        known = self._texts.get(f"{_PREFIX}value_{value}")
        if known:
            return known
        for row in self._tables["handoff_fields"].rows:
            seed, _, key = (row.cells["values_from"] or "").partition(".")
            if row.cells["field"] == field and seed in self._tables:
                return self._listed(seed, key, value)
        if field == "motion":
            return self.named("motions", "motion", value)
        try:
            return self.number(value)
        except ArithmeticError:
            return value

    def _listed(self, seed: str, key: str, value: str) -> str:
        has_labels = f"label_{self._language}" in self._tables[seed].spec.column_names
        return self.named(seed, key, value) if has_labels else value

    def _joined(self, items: Sequence[str], between: str, last: str) -> str:
        if not items:
            return ""
        text = items[0]
        for place, item in enumerate(items[1:], start=1):
            kind = last if place == len(items) - 1 else between
            template = self._texts.get(f"{_PREFIX}{kind}", "{first}, {next}")
            text = _filled(template, {"first": text, "next": item})
        return text


def _filled(template: str, parts: Mapping[str, str]) -> str:
    """The template with the names in braces filled in; nothing that is filled in is read again."""
    for name in sorted(parts, key=len, reverse=True):
        template = template.replace(f"{{{name}}}", f"\x00{name}\x00")
    for name, text in parts.items():
        template = template.replace(f"\x00{name}\x00", text)
    return template
