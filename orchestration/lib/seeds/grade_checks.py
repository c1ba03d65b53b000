"""Checks of bands and grades: no gap in a score, no pair without a grade."""

from __future__ import annotations

from collections import defaultdict

from orchestration.lib.problems import Notice, Problem
from orchestration.lib.seeds.tables import SeedRow, SeedSet, SeedTable


def check_grades(seed_set: SeedSet) -> tuple[list[Problem], list[Notice]]:
    """Gaps and doubled starts of bands, and pairs of bands without a grade."""
    bands = seed_set.tables["score_bands"]
    rows_of_score: dict[str, list[SeedRow]] = defaultdict(list)
    for row in bands.rows:
        score = row.get("score_id")
        if score is not None:
            rows_of_score[score].append(row)
    problems: list[Problem] = []
    for score, rows in rows_of_score.items():
        problems.extend(_check_bands(bands, score, rows))
    names = {
        score: [band for row in rows if (band := row.get("band")) is not None]
        for score, rows in rows_of_score.items()
    }
    found, notices = _check_pairs(seed_set, names)
    return [*problems, *found], notices


def _check_bands(bands: SeedTable, score: str, rows: list[SeedRow]) -> list[Problem]:
    if any("min_points" in row.unreadable for row in rows):
        return []
    problems = []
    starts: dict[str | None, SeedRow] = {}
    for row in rows:
        start = row.cells["min_points"]
        if start in starts:
            what = "starts at the same points as" if start else "is a lowest band like"
            problems.append(
                bands.problem(
                    row,
                    "min_points",
                    f"The band of '{score}' {what} the one in row {starts[start].number}.",
                    "Give every band its own start; only the lowest has none.",
                )
            )
        starts.setdefault(start, row)
    if None not in starts:
        problems.append(
            bands.problem(
                rows[0],
                "min_points",
                f"The bands of '{score}' have a gap: no band is the lowest.",
                "Empty min_points of the lowest band.",
            )
        )
    return problems


def _check_pairs(
    seed_set: SeedSet, names: dict[str, list[str]]
) -> tuple[list[Problem], list[Notice]]:
    sets, grades = seed_set.tables["grade_sets"], seed_set.tables["grades"]
    problems: list[Problem] = []
    notices: list[Notice] = []
    graded: dict[str, dict[tuple[str, str], SeedRow]] = defaultdict(dict)
    for row in grades.rows:
        grade_set, fit, engagement = (
            row.get(name) for name in ("grade_set", "fit_band", "engagement_band")
        )
        if grade_set and fit and engagement:
            graded[grade_set][(fit, engagement)] = row
    for row in sets.rows:
        grade_set = row.get("grade_set")
        scores = (row.get("fit_score_id"), row.get("engagement_score_id"))
        if grade_set is None or scores[0] is None or scores[1] is None:
            continue
        fit_bands, engagement_bands = names.get(scores[0], []), names.get(scores[1], [])
        wanted = {(fit, eng): None for fit in fit_bands for eng in engagement_bands}
        found = graded.get(grade_set, {})
        lacking = [pair for pair in wanted if pair not in found]
        if lacking:
            problems.append(_without_grade(seed_set, grade_set, lacking))
        if not wanted:
            notices.append(sets.notice(row, f"'{grade_set}' grades nobody: a score has no bands."))
        unused = [row.number for pair, row in found.items() if pair not in wanted]
        if wanted and unused:
            rows = ", ".join(str(number) for number in unused)
            notices.append(grades.notice(None, f"rows {rows}: no such pair of bands; ignored."))
    if "main" not in {row.get("grade_set") for row in sets.rows}:
        problems.append(
            sets.problem(
                None,
                "grade_set",
                "The grade set 'main' is missing.",
                "Add a row with grade_set main; it gives the grade that people see.",
            )
        )
    return problems, notices


def _without_grade(seed_set: SeedSet, grade_set: str, lacking: list[tuple[str, str]]) -> Problem:
    grades, bands = seed_set.tables["grades"], seed_set.tables["score_bands"]
    pairs = ", ".join(f"{fit} with {engagement}" for fit, engagement in lacking[:9])
    more = f" and {len(lacking) - 9} more" if len(lacking) > 9 else ""
    word = "A pair of bands has" if len(lacking) == 1 else "Pairs of bands have"
    last = grades.rows[-1] if grades.rows else None
    return grades.problem(
        # The place after which the missing rows belong.
        last,
        "fit_band, engagement_band",
        f"{word} no grade in '{grade_set}': {pairs}{more}.",
        f"Put a grades.csv with a row for each of them beside {bands.file}."
        if grades.is_shipped and not bands.is_shipped
        else "Add a row for each of them.",
    )
