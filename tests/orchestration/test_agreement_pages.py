"""The pages of the agreement say what the seeds say, and the training page what the scores say."""

from __future__ import annotations

import csv
import re
import shutil
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from orchestration.lib.agreement import LANGUAGES, page_name, render_agreement
from orchestration.lib.seeds import SeedSet, check_seeds, load_seeds
from tests.orchestration.building import REPOSITORY, run_leads
from tests.orchestration.seed_folders import SEEDS

DOCS = REPOSITORY / "docs"
# What a template says where a text is missing: an id, a name in braces, a Python value.
LEFT_OVER = re.compile(r"None|True|False|\{\w*\}|\x00|agreement_[a-z]+_|[a-z]+_[a-z]+_[a-z]+")
TRAINING = {"en": "reading-a-score.md", "ja": "reading-a-score.ja.md"}
# The test persons behind the rows of the exercise.
EXERCISE = {
    "A": "06 manager, brochure + pricing x2 + webinar, 4 visits in week",
    "B": "09 everything unknown, business mail, inquiry",
    "C": "07 white-paper collector, head, fit company",
    "D": "13 vendor pitch through inquiry form",
    "E": "03 unsubscribed in May, demo today",
    "F": "19 hard bounce after transfer",
}
# The policy that the answer goes by; none for those who stay where they are.
POLICY_OF = {"A": "hot_grade", "B": "hand_raise", "C": "warm_target", "E": "hand_raise"}
EXAMPLE = "01 head, fit company, demo today"


def shipped() -> SeedSet:
    seeds = load_seeds(SEEDS, None)
    return check_seeds(seeds, None).seed_set


def page(seed_set: SeedSet, language: str, day: date | None = None) -> str:
    return render_agreement(seed_set, load_seeds(SEEDS, None).tables["texts"], language, day)


def with_rules(folder: Path, **files: str) -> SeedSet:
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return check_seeds(load_seeds(SEEDS, folder), None).seed_set


def seed_text(name: str) -> str:
    return (SEEDS / "handoff" / f"{name}.csv").read_text(encoding="utf-8")


def labels(seed: str, language: str) -> list[str]:
    return [row.cells[f"label_{language}"] or "" for row in shipped().tables[seed].rows]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_are_up_to_date(language: str) -> None:
    written = (DOCS / page_name(language)).read_text(encoding="utf-8")
    assert written == page(shipped(), language), "write them anew: leads agreement --to docs"


def test_the_command_writes_both_pages(tmp_path: Path) -> None:
    done = run_leads("agreement", "--to", str(tmp_path), folder=REPOSITORY)
    assert done.returncode == 0, done.stderr
    for language in LANGUAGES:
        assert (tmp_path / page_name(language)).read_bytes() == (
            DOCS / page_name(language)
        ).read_bytes()
    done = run_leads("agreement", "--to", str(tmp_path / "nowhere"), folder=REPOSITORY)
    assert done.returncode == 2
    assert "Name a folder that exists" in done.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_names_everything_that_was_agreed_on(language: str) -> None:
    text = page(shipped(), language)
    for seed in (
        "handoff_stages",
        "handoff_policies",
        "routing_rules",
        "sales_teams",
        "service_levels",
        "disposition_reasons",
        "lifecycle_stages",
        "nurture_programs",
        "disposition_values",
    ):
        missing = [label for label in labels(seed, language) if label not in text]
        assert not missing, (seed, missing)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_a_page_is_missing(language: str) -> None:
    text = page(shipped(), language)
    assert not LEFT_OVER.findall(text)
    tables = [line for line in text.splitlines() if line.startswith("|")]
    for before, line in pairwise(tables):
        if line.startswith("| ---"):
            assert before.count("|") == line.count("|")


def test_the_pages_say_the_same_in_both_languages() -> None:
    english, japanese = (page(shipped(), language) for language in LANGUAGES)
    for mark in ("|", "## ", "\n- ", "\n1. "):
        assert english.count(mark) == japanese.count(mark), mark


def test_a_page_shows_the_rows_in_force_on_its_day(tmp_path: Path) -> None:
    rules = with_rules(
        tmp_path / "rules",
        handoff_policies=seed_text("handoff_policies").replace(
            "warm_target,,,6,", "warm_target,,2026-12-01,6,"
        ),
    )
    label = "Warm, good fit"
    assert label in page(rules, "en", date(2026, 11, 30))
    assert label not in page(rules, "en", date(2026, 12, 1))


def test_a_changed_row_changes_the_page(tmp_path: Path) -> None:
    levels = seed_text("service_levels").replace("respond_1h,1,5,5,10,", "respond_1h,1.5,6,5,10,")
    text = page(with_rules(tmp_path / "rules", service_levels=levels), "en")
    assert "| 1.5 h |" in text
    assert "6 attempts in 5 days" in text


def test_texts_of_a_team_may_break_no_table(tmp_path: Path) -> None:
    levels = seed_text("service_levels").replace(
        "First attempt within 1 business hour", "Soon | very soon <now>"
    )
    text = page(with_rules(tmp_path / "rules", service_levels=levels), "en")
    assert "Soon \\| very soon &lt;now>" in text


def test_a_team_without_words_of_its_own_gets_the_shipped_ones(tmp_path: Path) -> None:
    rules = with_rules(tmp_path / "rules", texts="text_id,text_en,text_ja\nreason_plain,a,b\n")
    assert page(rules, "ja") == page(shipped(), "ja")


def test_an_agreement_without_stages_or_rows_is_a_page_too(tmp_path: Path) -> None:
    names = [file.stem for file in (SEEDS / "handoff").glob("*.csv")]
    headers = {name: seed_text(name).splitlines()[0] + "\n" for name in names}
    rules = with_rules(tmp_path / "rules", **headers)
    assert "# " in page(rules, "en", date(2026, 10, 1))


def test_without_an_agreement_a_day_is_asked_for(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "agreements.csv").write_text(seed_text("agreements").splitlines()[0] + "\n")
    shutil.copy(SEEDS / "handoff" / "targets.csv", rules)
    done = run_leads("agreement", "--to", str(tmp_path), "--rules", str(rules), folder=REPOSITORY)
    assert done.returncode == 2
    assert "rules/agreements.csv" in done.stderr.replace("\n", "")
    assert "--as-of" in done.stderr


# The training page.


def table_rows(text: str, columns: int) -> dict[str, list[str]]:
    """The rows of the exercise with so many columns, by their letter."""
    cells = [[part.strip() for part in line.strip("|").split("|")]
             for line in text.splitlines() if re.match(r"\| [A-F] \|", line)]  # fmt: skip
    return {row[0]: row[1:] for row in cells if len(row) == columns}


def expected_scores() -> dict[str, dict[str, str]]:
    file = REPOSITORY / "tests" / "golden" / "test_persons" / "expected_2026-10-30.csv"
    with file.open(encoding="utf-8", newline="") as opened:
        return {row["lead_id"]: row for row in csv.DictReader(opened)}


def whole(points: str) -> str:
    return str(Decimal(points).quantize(Decimal(1), ROUND_HALF_UP))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_exercise_has_the_scores_of_the_test_persons(language: str) -> None:
    text = (DOCS / TRAINING[language]).read_text(encoding="utf-8")
    scores = expected_scores()
    tasks, answers = table_rows(text, 6), table_rows(text, 4)
    assert set(tasks) == set(answers) == set(EXERCISE)
    for letter, person in EXERCISE.items():
        expected = scores[person]
        assert tasks[letter][-2:] == [
            whole(expected["fit_score"]),
            whole(expected["engagement_score"]),
        ]
        assert answers[letter][0] == expected["grade"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answers_name_the_promise_of_the_policy(language: str) -> None:
    text = (DOCS / TRAINING[language]).read_text(encoding="utf-8")
    tables = shipped().tables
    levels = {row.cells["service_level_id"]: row.cells[f"label_{language}"] or ""
              for row in tables["service_levels"].rows}  # fmt: skip
    policies = {row.cells["policy_id"]: row.cells for row in tables["handoff_policies"].rows}
    scores = expected_scores()
    for letter, answer in table_rows(text, 4).items():
        named = [level for level, label in levels.items() if label in answer[1]]
        if letter not in POLICY_OF:
            assert named == []
            continue
        policy = policies[POLICY_OF[letter]]
        assert named == [policy["service_level_id"]]
        grades = policy["enter_grades"]
        assert grades is None or scores[EXERCISE[letter]]["grade"] in grades.split("|")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_adds_up_by_the_rules_in_force(language: str) -> None:
    text = (DOCS / TRAINING[language]).read_text(encoding="utf-8")
    tables = shipped().tables
    points = {row.cells["rule_id"]: row.cells["points"] for row in tables["scoring_rules"].rows}
    (example,) = [line for line in text.splitlines() if "**100**" in line and "**59**" in line]
    engagement, fit = (
        ["eng_demo_request", "eng_pricing_page", "eng_visit"],
        ["fit_level_head", "fit_function_core", "fit_size_300_999", "fit_industry_core",
         "fit_territory_branch", "fit_business_email", "fit_phone_known"],
    )  # fmt: skip
    told = re.findall(r"(?<![\d*])(\d+)(?: for|点)", example)
    assert told == [points[rule] for rule in (*engagement, *fit)]
    expected = expected_scores()[EXAMPLE]
    assert sum(int(points[rule] or 0) for rule in engagement) == Decimal(
        expected["engagement_score"]
    )
    assert sum(int(points[rule] or 0) for rule in fit) > 100 == Decimal(expected["fit_score"])
    bands = {row.cells["band"]: row.cells["min_points"] for row in tables["score_bands"].rows}
    for band in ("A", "B", "1", "2"):
        assert re.search(rf"{band} from {bands[band]}\b|{bands[band]}点から{band}", text), band
