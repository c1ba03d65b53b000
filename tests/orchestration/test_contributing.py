"""CONTRIBUTING.md, followed on a copy of the project: what it says to add is then there."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.orchestration.building import REPOSITORY, Published, write_rows
from tests.orchestration.documents import blocks, paste, run, run_console

pytestmark = pytest.mark.law

PAGE = "CONTRIBUTING.md"
COPIED = (
    ".ci",
    ".github",
    ".pre-commit-config.yaml",
    "CHANGELOG.md",
    "Makefile",
    "README.md",
    "dbt_project.yml",
    "docs",
    "macros",
    "models",
    "orchestration",
    "profiles.yml",
    "pyproject.toml",
    "requirements.in",
    "requirements.lock",
    "seeds",
    "selectors.yml",
    "tests",
)
# Two leads of `acme`: one that meets every rule of the page, one that meets none. `site_count` is
# a column of its own.
LEADS = [
    {
        "lead_id": "A-1",
        "created_at": "2026-10-27",
        "recontact_date": "2026-11-10",
        "site_count": "4",
    },
    {"lead_id": "A-2", "created_at": "2026-01-05"},
]
EVENTS = [
    {
        "lead_id": "A-1",
        "event_type": "calculator_used",
        "occurred_at": "2026-10-29",
        "saved_hours": "160",
    },
    {
        "lead_id": "A-2",
        "event_type": "calculator_used",
        "occurred_at": "2026-10-29",
        "saved_hours": "20",
    },
]


@dataclass(frozen=True)
class Clone:
    """A copy of the project in which every recipe of the page was followed."""

    folder: Path
    published: Published

    @property
    def environment(self) -> dict[str, str]:
        return of_this_copy(self.folder)


def of_this_copy(folder: Path) -> dict[str, str]:
    """What makes `leads` run the code of a copy."""
    return {"PYTHONPATH": str(folder)}


def copy_project(folder: Path) -> None:
    folder.mkdir()
    for name in COPIED:
        origin = REPOSITORY / name
        if origin.is_dir():
            shutil.copytree(origin, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(origin, folder / name)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """Every block of the page in its order, with the one build that it ends in."""
    folder = tmp_path_factory.mktemp("contributing") / "clone"
    copy_project(folder)
    write_rows(folder / "acme" / "leads.csv", list(LEADS[0]), LEADS)
    write_rows(folder / "acme" / "events.csv", list(EVENTS[0]), EVENTS)
    steps = blocks(PAGE)
    # The mart comes after the build of the source on the page; one build serves both.
    for block in sorted(steps, key=lambda block: "leads build" in block.text):
        if block.purpose == "run in":
            run_console(block, folder, of_this_copy(folder))
        else:
            paste(block, folder)
    current = folder / "warehouse" / "acme" / "published" / "current"
    return Clone(folder, Published(current.resolve(), ""))


def points(clone: Clone, rule: str) -> list[tuple[str, str]]:
    query = f"""
        select lead_id, cast(sum(points) as varchar) from fct_score_ledger
        where rule_id = '{rule}' group by lead_id order by lead_id
    """
    return clone.published.rows(query)


def test_the_rule_of_the_page_gives_points(clone: Clone) -> None:
    assert points(clone, "fit_recontact_agreed") == [("A-1", "4.00")]


def test_the_event_of_the_page_is_a_signal(clone: Clone) -> None:
    assert points(clone, "eng_calculator_used") == [("A-1", "10.00")]


def test_the_computed_attribute_of_the_page_is_a_signal(clone: Clone) -> None:
    assert points(clone, "eng_new_lead") == [("A-1", "5.00")]


def test_the_source_of_the_page_bears_leads(clone: Clone) -> None:
    query = "select lead_id, source_name from dim_leads order by lead_id"
    assert clone.published.rows(query) == [("A-1", "acme"), ("A-2", "acme")]


def test_a_column_of_the_new_source_is_a_field(clone: Clone, tmp_path: Path) -> None:
    conditions = (clone.folder / "seeds" / "scoring" / "rule_conditions.csv").read_text("utf-8")
    rules = tmp_path / "rule_conditions.csv"
    check = f"leads check --source acme --raw-dir acme --rules {tmp_path}"
    for field, code in (("site_count", 0), ("sites_count", 2)):
        rules.write_text(f"{conditions}fit_recontact_agreed,2,{field},gte,3\n", "utf-8")
        done = run(check, clone.folder, clone.environment)
        assert done.returncode == code, done.stdout + done.stderr


def test_the_mart_of_the_page_is_published(clone: Clone) -> None:
    query = "select sum(lead_count) from rpt_grade_counts where grade_set = 'main'"
    assert clone.published.rows(query) == [(2,)]


def test_what_the_page_adds_keeps_to_the_conventions_of_files(clone: Clone) -> None:
    command = "python -m pytest -p no:cacheprovider tests/conventions/test_repository.py"
    command += " -k 'model or macro or seed or yaml'"
    done = run(command, clone.folder, clone.environment)
    assert done.returncode == 0, done.stdout + done.stderr
