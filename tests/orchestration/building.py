"""Running `leads build` as a user does, and reading what it published."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

REPOSITORY = Path(__file__).resolve().parents[2]
LEADS = Path(sys.executable).with_name("leads")


@dataclass(frozen=True)
class Published:
    """The snapshot that a build serves."""

    folder: Path
    output: str

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query over the published marts."""
        with duckdb.connect() as connection:
            for file in self.folder.glob("*.parquet"):
                connection.execute(f"create view {file.stem} as from read_parquet('{file}')")
            return connection.execute(query).fetchall()


def run_leads(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, without settings of the person who runs the tests."""
    environment = {name: value for name, value in os.environ.items() if name[:6] != "LEADS_"}
    return subprocess.run(
        [str(LEADS), *map(str, arguments)],
        cwd=folder,
        env=environment | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def build(
    raw_dir: Path, workdir: Path, as_of: date, rules: Path | None = None, source: str = "file"
) -> Published:
    """Build a source into a workdir; fails with the command's own words if it does."""
    workdir.mkdir(parents=True, exist_ok=True)
    arguments: list[str | Path] = ["build", "--source", source, "--raw-dir", raw_dir]
    if rules is not None:
        arguments += ["--rules", rules]
    arguments += ["--as-of", as_of.isoformat(), "--workdir", workdir]
    done = run_leads(*arguments, folder=workdir)
    output = f"{done.stdout}\n{done.stderr}"
    if done.returncode != 0:
        raise AssertionError(f"leads build ended with {done.returncode}:\n{output[-6000:]}")
    return Published((workdir / "published" / "current").resolve(), output)


def read_rows(file: Path) -> list[dict[str, str]]:
    """The rows of a CSV file as text."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def write_rows(file: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Write a CSV file; a column that a row lacks is empty."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def shipped_seeds(*folders: str) -> dict[str, list[dict[str, str]]]:
    """The rows of the shipped seeds in some folders, by seed name."""
    return {
        file.stem: read_rows(file)
        for folder in folders
        for file in sorted((REPOSITORY / "seeds" / folder).glob("*.csv"))
    }
