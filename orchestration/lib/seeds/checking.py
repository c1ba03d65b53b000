"""Checking the seeds in force: everything that would make scores wrong or a build fail."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.lib.problems import Notice, Problem
from orchestration.lib.seeds.agreement_checks import check_agreement
from orchestration.lib.seeds.condition_checks import check_conditions
from orchestration.lib.seeds.fitting import fit_seeds
from orchestration.lib.seeds.grade_checks import check_grades
from orchestration.lib.seeds.key_checks import check_keys, check_references
from orchestration.lib.seeds.known_fields import KnownFields
from orchestration.lib.seeds.period_checks import check_periods
from orchestration.lib.seeds.quality_checks import check_quality
from orchestration.lib.seeds.rule_checks import check_rules
from orchestration.lib.seeds.tables import SeedSet

__all__ = ["CheckResult", "check_seeds"]


@dataclass(frozen=True)
class CheckResult:
    """What a check of the seeds found. With any problem the seeds must not be used.

    `seed_set` holds the seeds to build with: without the shipped rows that name what a rules
    folder no longer has.
    """

    problems: tuple[Problem, ...]
    notices: tuple[Notice, ...]
    seed_set: SeedSet


def check_seeds(seed_set: SeedSet, known: KnownFields | None) -> CheckResult:
    """Check all seeds and collect every problem, in the order of files and rows.

    `known` holds the fields of the enabled source; without it, names of fields are not checked.
    The notices are those of reading the seeds and those of this check.
    """
    seed_set = fit_seeds(seed_set, known)
    problems: list[Problem] = []
    notices: list[Notice] = list(seed_set.notices)
    for table in seed_set.tables.values():
        problems.extend(table.problems)
        problems.extend(check_keys(table))
        problems.extend(check_references(table, seed_set))
        found, said = check_periods(table)
        problems.extend(found)
        notices.extend(said)
    for check in (check_rules, check_grades):
        found, said = check(seed_set)
        problems.extend(found)
        notices.extend(said)
    problems.extend(check_quality(seed_set))
    for check_fields in (check_conditions, check_agreement):
        found, said = check_fields(seed_set, known)
        problems.extend(found)
        notices.extend(said)
    return CheckResult(tuple(_in_file_order(seed_set, problems)), tuple(notices), seed_set)


def _in_file_order(seed_set: SeedSet, problems: list[Problem]) -> list[Problem]:
    order = {table.file: place for place, table in enumerate(seed_set.tables.values())}
    return sorted(
        dict.fromkeys(problems),
        key=lambda problem: (order.get(problem.file or "", -1), problem.row or 0),
    )
