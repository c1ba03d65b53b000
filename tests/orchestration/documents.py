"""Blocks of the documents that say what they are for, and how a test does what they say.

A comment before a fenced block says what the block is for: `<!-- append: rules/x.csv -->` pastes
it, `<!-- run in: team -->` runs its commands. In expected output `…` stands for what was left out.
"""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.orchestration.building import REPOSITORY

BLOCK = re.compile(
    r"^( *)<!-- (?P<label>[^>]+?) -->\n\1```\w+\n(?P<text>.*?)^\1```$", re.MULTILINE | re.DOTALL
)

Row = dict[str, str]


@dataclass(frozen=True)
class Block:
    """A labelled block of a document: what it is for, on what, and its text."""

    purpose: str
    subject: str
    text: str

    def rows(self) -> list[Row]:
        return list(csv.DictReader(io.StringIO(self.text)))


def blocks(page: str) -> list[Block]:
    """The labelled blocks of a page, named from the root of the repository."""
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    found = []
    for match in BLOCK.finditer(text):
        indent = len(match.group(1))
        lines = [line[indent:] or "\n" for line in match.group("text").splitlines(keepends=True)]
        purpose, _, subject = match.group("label").partition(": ")
        found.append(Block(purpose, subject, "".join(lines)))
    return found


def the_block(page: str, purpose: str) -> Block:
    (found,) = [block for block in blocks(page) if block.purpose == purpose]
    return found


def run(
    command: str, folder: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one command line as a person does who has made `leads` known in the terminal."""
    kept = {name: value for name, value in os.environ.items() if name[:6] != "LEADS_"}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["/bin/bash", "-c", command],
        cwd=folder,
        env=kept | {"PATH": path, "NO_COLOR": "1", "COLUMNS": "200"} | dict(environment or {}),
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


def run_console(block: Block, folder: Path, environment: Mapping[str, str] | None = None) -> None:
    """Run the commands of a console block and compare what they print."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, *expected = part.rstrip("\n").split("\n")
        if command.startswith((". ", "cd ")):
            continue
        done = run(command, folder, environment)
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
    if block.purpose == "change":
        lines = block.text.splitlines(keepends=True)
        before, after = _side(lines, " -"), _side(lines, " +")
        assert text.count(before) > 0, f"{block.subject} has no longer\n{before}"
        file.write_text(text.replace(before, after, 1), encoding="utf-8")
        return
    if block.purpose == "replace":
        first = block.text.partition(",")[0]
        kept = [line for line in text.splitlines(True) if line.partition(",")[0] != first]
        assert len(kept) == text.count("\n") - 1
        text = "".join(kept)
    assert text.endswith("\n")
    file.write_text(text + block.text, encoding="utf-8")


def _side(lines: Iterable[str], marks: str) -> str:
    """The lines of a difference that stand on one of its sides."""
    return "".join(line[1:] for line in lines if line[0] in marks)
