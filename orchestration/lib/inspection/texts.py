"""Sentences for people: templates of texts.csv and words of change_causes.csv, in one language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from orchestration.lib.inspection.prepared_seeds import SeedRow, read_seed
from orchestration.lib.settings import Settings

_FOLDER = "reference"


@dataclass(frozen=True)
class Texts:
    """Templates in one language; where a team's seed lacks a row, the shipped one."""

    settings: Settings

    def text(self, text_id: str, **parts: str) -> str:
        """A template of texts.csv with the names in braces filled in."""
        return filled(self._templates[text_id], **parts)

    def listed(self, items: Sequence[str], text_id: str = "change_list") -> str:
        """Several phrases as one."""
        text = items[0] if items else ""
        for item in items[1:]:
            text = self.text(text_id, first=text, next=item)
        return text

    def day(self, day: date) -> str:
        """A day as people write it."""
        return self.text(
            "change_day",
            yyyy=f"{day.year:04}",
            mm=f"{day.month:02}",
            dd=f"{day.day:02}",
            m=f"{day.month}",
            d=f"{day.day}",
        )

    @cached_property
    def causes(self) -> list[str]:
        """Causes of a change in the order of their seed."""
        rows = sorted(self._causes.values(), key=lambda row: int(row["sort_order"] or 0))
        return [row["cause"] or "" for row in rows]

    def cause(self, cause: str) -> str:
        """Label of a cause; its id where there is none."""
        row = self._causes.get(cause) or {}
        return row.get(f"label_{self.settings.language}") or cause

    def cause_phrase(self, cause: str, points: Decimal, score: str) -> str:
        """What a cause did to a score."""
        kind = "loss" if points < 0 else "gain"
        template = (self._causes.get(cause) or {}).get(f"{kind}_{self.settings.language}")
        return filled(template or f"{cause}: {{points}}", points=number(abs(points)), score=score)

    @cached_property
    def _templates(self) -> dict[str, str]:
        return {
            row["text_id"] or "": row[f"text_{self.settings.language}"] or ""
            for row in read_seed(self.settings, _FOLDER, "texts", "text_id")
        }

    @cached_property
    def _causes(self) -> dict[str, SeedRow]:
        rows = read_seed(self.settings, _FOLDER, "change_causes", "cause")
        return {row["cause"] or "": row for row in rows}


def filled(template: str, **parts: str) -> str:
    """The template with each `{name}` replaced; what no part names stays as it is."""
    pieces = template.split("{")
    text = pieces[0]
    for piece in pieces[1:]:
        name, brace, rest = piece.partition("}")
        text += parts[name] + rest if brace and name in parts else "{" + piece
    return text


def number(points: Decimal) -> str:
    """Points without zeros that say nothing."""
    text = f"{points:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def name_of_label(label: str) -> str:
    """What stands in a label before a colon or a bracket: the name without its explanation."""
    name = label
    for mark in (":", ":", "(", "("):
        name = name.partition(mark)[0]
    return name.strip() or label
