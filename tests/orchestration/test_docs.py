"""The documents do what they say.

A comment before a fenced block says what the block is for: `<!-- append: rules/x.csv -->` pastes
it, `<!-- run in: team -->` runs its commands. In expected output `…` stands for what was left out.
"""

from __future__ import annotations

import csv
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from typer.main import get_command

from orchestration.cli import app
from tests.orchestration.building import REPOSITORY, Published, write_rows

BLOCK = re.compile(
    r"^( *)<!-- (?P<label>[^>]+?) -->\n\1```\w+\n(?P<text>.*?)^\1```$", re.MULTILINE | re.DOTALL
)
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

Row = dict[str, str]


@dataclass(frozen=True)
class Block:
    """A labelled block of a document: what it is for, on what, and its text."""

    purpose: str
    subject: str
    text: str

    def rows(self) -> list[Row]:
        return list(csv.DictReader(io.StringIO(self.text)))


@dataclass(frozen=True)
class Team:
    """The folder of a person who followed docs/rules.md."""

    folder: Path
    published: Published


def blocks(page: str) -> list[Block]:
    text = (REPOSITORY / "docs" / page).read_text(encoding="utf-8")
    found = []
    for match in BLOCK.finditer(text):
        indent = len(match.group(1))
        lines = [line[indent:] for line in match.group("text").splitlines(keepends=True)]
        purpose, _, subject = match.group("label").partition(": ")
        found.append(Block(purpose, subject, "".join(lines)))
    return found


def the_block(page: str, purpose: str) -> Block:
    (found,) = [block for block in blocks(page) if block.purpose == purpose]
    return found


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run one command line as a person does who has made `leads` known in the terminal."""
    kept = {name: value for name, value in os.environ.items() if name[:6] != "LEADS_"}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        shlex.split(command),
        cwd=folder,
        env=kept | {"PATH": path, "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def check_output(command: str, expected: Sequence[str], output: str) -> None:
    """Every expected line stands in the output, in this order."""
    actual = iter(" ".join(line.split()) for line in output.splitlines())
    for line in expected:
        words = " ".join(line.split())
        pattern = re.escape(words).replace("…", ".*")
        assert words == "…" or any(re.fullmatch(pattern + ".*", seen) for seen in actual), (
            f"{command}: {line!r} is missing or out of order in\n{output}"
        )


def run_console(block: Block, folder: Path) -> None:
    """Run the commands of a console block and compare what they print."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, *expected = part.rstrip("\n").split("\n")
        if command.startswith((". ", "cd ")):
            continue
        done = run(command, folder)
        output = done.stdout + done.stderr
        assert done.returncode == 0, f"{command}\n{output}"
        check_output(command, expected, output)


def paste(block: Block, folder: Path) -> None:
    """Do to a file what the block stands for."""
    file = folder / block.subject
    if block.purpose == "write":
        file.write_text(block.text, encoding="utf-8")
        return
    text = file.read_text(encoding="utf-8")
    if block.purpose == "replace":
        first = block.text.partition(",")[0]
        kept = [line for line in text.splitlines(True) if line.partition(",")[0] != first]
        assert len(kept) == text.count("\n") - 1
        text = "".join(kept)
    assert text.endswith("\n")
    file.write_text(text + block.text, encoding="utf-8")


def add_worked_lead(data: Path) -> None:
    """Put the lead of docs/scoring.md beside the others, so that one build serves both pages."""
    for purpose, name in (("lead", "leads.csv"), ("events", "events.csv")):
        with (data / name).open(encoding="utf-8", newline="") as opened:
            rows = list(csv.DictReader(opened))
        rows += the_block("scoring.md", purpose).rows()
        columns = list(dict.fromkeys(column for row in rows for column in row))
        write_rows(data / name, columns, rows)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    """docs/rules.md, followed from its first block to its last, with one build."""
    clone = tmp_path_factory.mktemp("docs") / "clone"
    clone.mkdir()
    (clone / "seeds").symlink_to(REPOSITORY / "seeds")
    folder = clone.parent / "team"
    for block in blocks("rules.md"):
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


def test_the_rule_on_an_own_column_fires_for_the_lead_it_should(team: Team) -> None:
    assert ledger_points(team, "L-1", "fit_many_sites") == ["6.00"]
    assert ledger_points(team, "L-2", "fit_many_sites") == []
    assert ledger_points(team, "L-3", "fit_many_sites") == []


def test_the_rule_on_a_page_path_fires_for_the_lead_it_should(team: Team) -> None:
    assert ledger_points(team, "L-2", "eng_roi_calculator") == ["20.00", "-5.00"]
    assert ledger_points(team, "L-1", "eng_roi_calculator") == []
    assert ledger_points(team, "L-3", "eng_roi_calculator") == []


def test_the_changed_weight_counts(team: Team) -> None:
    assert ledger_points(team, "L-1", "eng_product_page") == ["3.00"]


def test_check_says_of_typical_mistakes_what_the_page_says(team: Team, tmp_path: Path) -> None:
    folder = tmp_path / "team"
    for part in ("data", "rules"):
        shutil.copytree(team.folder / part, folder / part)
    shutil.copy(team.folder / "leads.toml", folder)
    for block in blocks("rules.md"):
        if block.purpose == "mistakes":
            paste(block, folder)
    done = run("leads check", folder)
    assert done.returncode == 2
    said = the_block("rules.md", "said by check").text.splitlines()
    check_output("leads check", said, done.stderr)
    assert len(done.stderr.splitlines()) == len(said), done.stderr


def test_the_lead_worked_by_hand_has_the_ledger_that_a_build_gives(team: Team) -> None:
    expected = the_block("scoring.md", "ledger").rows()
    query = f"select {text_columns(expected[0])} from fct_score_ledger {OF_WORKED_LEAD}"
    assert sorted(team.published.rows(query)) == sorted(tuple(row.values()) for row in expected)


def test_the_lead_worked_by_hand_has_the_scores_that_a_build_gives(team: Team) -> None:
    (expected,) = the_block("scoring.md", "score").rows()
    query = f"select {text_columns(expected)} from fct_lead_scores {OF_WORKED_LEAD}"
    assert team.published.rows(query) == [tuple(expected.values())]


def test_the_lead_worked_by_hand_adds_up() -> None:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in the_block("scoring.md", "ledger").rows():
        sums[row["score_id"]] += Decimal(row["points"])
    (score,) = the_block("scoring.md", "score").rows()
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
