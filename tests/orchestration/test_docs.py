"""The documents do what they say."""

from __future__ import annotations

import csv
import re
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from typer.main import get_command

from orchestration.cli import app
from tests.orchestration.building import REPOSITORY, Published, write_rows
from tests.orchestration.documents import blocks, check_output, paste, run, run_console, the_block

RULES_PAGE = "docs/rules.md"
SCORING_PAGE = "docs/scoring.md"
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?:`|\$ |bin/)leads ([a-z]+)\b([^`\n]*)")
PAGES = [
    REPOSITORY / "README.md",
    REPOSITORY / "CONTRIBUTING.md",
    *sorted((REPOSITORY / "docs").rglob("*.md")),
]
OF_WORKED_LEAD = "where lead_id = 'L-2001'"
# What a page names and no clone holds: the reader or a command writes it.
WRITTEN_ELSEWHERE = {"data/leads.csv", "data/events.csv", "benchmarks/.data/"}


@dataclass(frozen=True)
class Team:
    """The folder of a person who followed docs/rules.md."""

    folder: Path
    published: Published


def add_worked_lead(data: Path) -> None:
    """Put the lead of docs/scoring.md beside the others, so that one build serves both pages."""
    for purpose, name in (("lead", "leads.csv"), ("events", "events.csv")):
        with (data / name).open(encoding="utf-8", newline="") as opened:
            rows = list(csv.DictReader(opened))
        rows += the_block(SCORING_PAGE, purpose).rows()
        columns = list(dict.fromkeys(column for row in rows for column in row))
        write_rows(data / name, columns, rows)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    """docs/rules.md, followed from its first block to its last, with one build."""
    clone = tmp_path_factory.mktemp("docs") / "clone"
    clone.mkdir()
    (clone / "seeds").symlink_to(REPOSITORY / "seeds")
    folder = clone.parent / "team"
    for block in blocks(RULES_PAGE):
        if block.purpose == "run in":
            run_console(block, clone if block.subject == "clone" else folder)
        elif block.purpose in {"write", "append", "replace"}:
            paste(block, folder)
        if block.subject == "data/events.csv":
            add_worked_lead(folder / "data")
    return Team(folder, Published((folder / "published" / "current").resolve(), ""))


def text_columns(columns: Iterable[str]) -> str:
    """Columns as a CSV file writes them, unknown as empty."""
    return ", ".join(f"coalesce(cast({column} as varchar), '')" for column in columns)


def ledger_points(team: Team, lead: str, rule: str) -> list[str]:
    query = f"""
        select cast(points as varchar) from fct_score_ledger
        where lead_id = '{lead}' and rule_id = '{rule}' order by entry_type desc
    """
    return [points for (points,) in team.published.rows(query)]


@pytest.mark.law
def test_the_rule_on_an_own_column_fires_for_the_lead_it_should(team: Team) -> None:
    assert ledger_points(team, "L-1", "fit_many_sites") == ["6.00"]
    assert ledger_points(team, "L-2", "fit_many_sites") == []
    assert ledger_points(team, "L-3", "fit_many_sites") == []


@pytest.mark.law
def test_the_rule_on_a_page_path_fires_for_the_lead_it_should(team: Team) -> None:
    assert ledger_points(team, "L-2", "eng_roi_calculator") == ["20.00", "-5.00"]
    assert ledger_points(team, "L-1", "eng_roi_calculator") == []
    assert ledger_points(team, "L-3", "eng_roi_calculator") == []


@pytest.mark.law
def test_the_changed_weight_counts(team: Team) -> None:
    assert ledger_points(team, "L-1", "eng_product_page") == ["3.00"]


@pytest.mark.law
def test_check_says_of_typical_mistakes_what_the_page_says(team: Team, tmp_path: Path) -> None:
    folder = tmp_path / "team"
    for part in ("data", "rules"):
        shutil.copytree(team.folder / part, folder / part)
    shutil.copy(team.folder / "leads.toml", folder)
    for block in blocks(RULES_PAGE):
        if block.purpose == "mistakes":
            paste(block, folder)
    done = run("leads check", folder)
    assert done.returncode == 2
    said = the_block(RULES_PAGE, "said by check").text.splitlines()
    check_output("leads check", said, done.stderr)
    assert len(done.stderr.splitlines()) == len(said), done.stderr


@pytest.mark.law
def test_the_lead_worked_by_hand_has_the_ledger_that_a_build_gives(team: Team) -> None:
    expected = the_block(SCORING_PAGE, "ledger").rows()
    query = f"select {text_columns(expected[0])} from fct_score_ledger {OF_WORKED_LEAD}"
    assert sorted(team.published.rows(query)) == sorted(tuple(row.values()) for row in expected)


@pytest.mark.law
def test_the_lead_worked_by_hand_has_the_scores_that_a_build_gives(team: Team) -> None:
    (expected,) = the_block(SCORING_PAGE, "score").rows()
    query = f"select {text_columns(expected)} from fct_lead_scores {OF_WORKED_LEAD}"
    assert team.published.rows(query) == [tuple(expected.values())]


@pytest.mark.law
def test_the_queries_of_the_page_on_leads_find_what_they_name(team: Team) -> None:
    sql = the_block("docs/leads.md", "sql").text
    sql = sql.replace("100027622", "L-2").replace("'warehouse/", f"'{team.folder}/warehouse/")
    found = {}
    with duckdb.connect() as connection:
        for statement in connection.extract_statements(sql):
            done = connection.execute(statement)
            for table in re.findall(r"from (int_\w+)", statement.query):
                found[table] = done.fetchall() if done.description else []
    assert found["int_record_leads"] == [("file", "L-2", True)]
    assert ("site_count", "3") in found["int_lead_attributes"]


def test_the_lead_worked_by_hand_adds_up() -> None:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in the_block(SCORING_PAGE, "ledger").rows():
        sums[row["score_id"]] += Decimal(row["points"])
    (score,) = the_block(SCORING_PAGE, "score").rows()
    assert sums == {name: Decimal(score[f"{name}_score"]) for name in ("fit", "engagement")}


# What every page must keep to


def pages() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        yield page.relative_to(REPOSITORY).as_posix(), page.read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as hosts of repositories make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_relative_link_resolves() -> None:
    bad = []
    for name, text in pages():
        for link in LINK.findall(text):
            target, _, anchor = link.partition("#")
            file = (REPOSITORY / name).parent / target if target else REPOSITORY / name
            if not re.match(r"[a-z]+:", link) and (
                not file.exists() or (anchor and anchor not in anchors(file))
            ):
                bad.append(f"{name}: {link}")
    assert not bad


def test_every_command_and_flag_exists() -> None:
    group = get_command(app)
    bad = []
    for name, text in pages():
        for command, rest in COMMAND.findall(text):
            known = getattr(group, "commands", {}).get(command)
            options = {option for each in known.params for option in each.opts} if known else set()
            flags = set(re.findall(r"(?<=\s)--[a-z-]+", rest)) - {"--help"}
            if known is None or flags - options:
                bad.append(f"{name}: leads {command}{rest}")
    assert not bad


def test_every_make_target_exists() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, flags=re.MULTILINE))
    bad = [
        f"{name}: make {target}"
        for name, text in pages()
        for target in re.findall(r"(?:`|\$ )make ([a-z]+)", text)
        if target not in targets
    ]
    assert not bad


def test_every_file_that_is_named_exists() -> None:
    folders = "benchmarks|data|docs|macros|models|orchestration|seeds|tests"
    bad = [
        f"{name}: {path}"
        for name, text in pages()
        for path in re.findall(rf"`((?:{folders})/[\w./-]*)`", text)
        if path not in WRITTEN_ELSEWHERE and not (REPOSITORY / path).exists()
    ]
    assert not bad


def test_every_mart_and_command_stands_in_the_readme() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    marts = [file.stem for file in (REPOSITORY / "models" / "marts").glob("*/*.sql")]
    commands = getattr(get_command(app), "commands", {})
    named = [*marts, *(f"leads {command}" for command in commands)]
    assert [name for name in named if f"`{name}" not in readme] == []
    assert len(readme.splitlines()) < 150


def test_a_decision_is_short_and_has_its_four_parts() -> None:
    parts = ["Context", "Decision", "Alternatives", "What would change it"]
    bad = []
    for file in sorted((REPOSITORY / "docs" / "decisions").glob("*.md")):
        text = file.read_text(encoding="utf-8")
        if re.findall(r"^## (.+)$", text, flags=re.MULTILINE) != parts or text.count("\n") >= 40:
            bad.append(file.name)
    assert not bad


def test_expected_output_is_compared_line_by_line() -> None:
    output = "a 1\nb   2\nc 3 and more\n"
    check_output("it", ["a 1", "…", "c …"], output)
    for expected in (["a 2"], ["b 2", "a 1"], ["c … less"]):
        with pytest.raises(AssertionError):
            check_output("it", expected, output)
