"""The seeds that the last build used, as it prepared them for dbt."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from orchestration.lib.settings import Settings, Workdir

SeedRow = Mapping[str, str | None]


def read_prepared_seed(workdir: Workdir, folder: str, name: str) -> list[SeedRow]:
    """Rows of a prepared seed in the order of its file; None where a cell is empty.

    Empty if nothing was prepared yet. Unlike the build file it can be read while a build runs.
    """
    return _rows_of(workdir.project / "seeds" / folder / f"{name}.csv")


def read_seed(settings: Settings, folder: str, name: str, key: str) -> list[SeedRow]:
    """The rows of a prepared seed, and those shipped rows whose key it lacks."""
    rows = read_prepared_seed(settings.workdir, folder, name)
    found = {row[key] for row in rows}
    shipped = _rows_of(settings.project_root / "seeds" / folder / f"{name}.csv")
    return [*rows, *(row for row in shipped if row[key] not in found)]


def _rows_of(file: Path) -> list[SeedRow]:
    if not file.is_file():
        return []
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return [
            {column: cell or None for column, cell in row.items()} for row in csv.DictReader(lines)
        ]


def is_in_force(row: SeedRow, day: date) -> bool:
    """Whether a dated row is in force: valid_from <= day < valid_to, empty is no bound."""
    return (row.get("valid_from") or "") <= day.isoformat() < (row.get("valid_to") or "9999-99-99")


@dataclass(frozen=True)
class Labels:
    """Words for people in one language (`en` or `ja`) as of a day; the id where there are none."""

    workdir: Workdir
    language: str
    day: date

    @cached_property
    def score_ids(self) -> list[str]:
        """Scores in the order of their seed."""
        return list(self._scores)

    @cached_property
    def group_ids(self) -> list[tuple[str, str]]:
        """Score and group in the order of their seed."""
        return list(self._groups)

    def score(self, score_id: str) -> str:
        """Label of a score."""
        return self._scores.get(score_id) or score_id

    def group(self, score_id: str, group_id: str) -> str:
        """Label of a group of a score."""
        return self._groups.get((score_id, group_id)) or group_id

    def rule(self, rule_id: str) -> str:
        """Label of a rule in the period that is in force."""
        return self._rules.get(rule_id) or rule_id

    def grade_set(self, grade_set: str) -> str:
        """Label of a grade set."""
        return self._grade_sets.get(grade_set) or grade_set

    def exclusion(self, reason: str) -> str:
        """Label of the first exclusion in force with this reason."""
        return self._exclusions.get(reason) or reason

    @cached_property
    def _scores(self) -> dict[str, str | None]:
        return {row["score_id"] or "": self._label(row) for row in self._rows("score_definitions")}

    @cached_property
    def _groups(self) -> dict[tuple[str, str], str | None]:
        return {
            (row["score_id"] or "", row["group_id"] or ""): self._label(row)
            for row in self._rows("score_groups")
        }

    @cached_property
    def _rules(self) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for row in self._rows("scoring_rules"):
            rule_id = row["rule_id"] or ""
            if is_in_force(row, self.day) or rule_id not in found:
                found[rule_id] = self._label(row)
        return found

    @cached_property
    def _grade_sets(self) -> dict[str, str | None]:
        return {row["grade_set"] or "": self._label(row) for row in self._rows("grade_sets")}

    @cached_property
    def _exclusions(self) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        rows = read_prepared_seed(self.workdir, "reference", "exclusions")
        for row in sorted(rows, key=lambda row: int(row.get("sort_order") or 0)):
            if is_in_force(row, self.day):
                found.setdefault(row["reason"] or "", self._label(row))
        return found

    def _rows(self, name: str) -> list[SeedRow]:
        return read_prepared_seed(self.workdir, "scoring", name)

    def _label(self, row: SeedRow) -> str | None:
        return row.get(f"label_{self.language}")
