"""Running `leads build` as a user does, and reading what it published."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from tests.orchestration.ready_processes import CAN_FORK, run_ready

REPOSITORY = Path(__file__).resolve().parents[2]
LEADS = (str(Path(sys.executable).with_name("leads")),)
READING = ("agreement", "check", "explain", "fields")
# What dbt parsed of the project holds in every workdir with the same sources; it tells by itself
# which files changed since. Parsing from nothing is a third of a small build.
PARSED = REPOSITORY / "warehouse" / "parsed"


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
    """Run the command in a folder, without settings of the person who runs the tests.

    What only reads is no other thing in a process that is ready.
    """
    texts = list(map(str, arguments))
    if CAN_FORK and texts[0] in READING:
        return run_ready("leads", texts, folder, _environment())
    return _run([*LEADS, *texts], folder, _environment())


def run_quick_leads(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command of `untested_builds` so."""
    texts = list(map(str, arguments))
    if CAN_FORK:
        return run_ready("leads", texts, folder, _environment())
    module = "tests.orchestration.untested_builds"
    return _run([sys.executable, "-m", module, *texts], folder, _environment())


def run_dbt(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run dbt with an environment, as `quick_dbt` does."""
    if CAN_FORK:
        return run_ready("dbt", arguments, folder, environment)
    module = "tests.orchestration.quick_dbt"
    return _run([sys.executable, "-m", module, *arguments], folder, environment)


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name[:6] != "LEADS_"}
    return kept | {"NO_COLOR": "1", "PYTHONPATH": str(REPOSITORY)}


def _run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


def build(
    raw_dir: Path,
    workdir: Path,
    as_of: date,
    rules: Path | None = None,
    source: str = "file",
    more: Sequence[str | Path] = (),
    *,
    is_tested: bool = False,
) -> Published:
    """Build a source into a workdir; fails with the command's own words if it does.

    `more` are further options. dbt's tests of the data run where `is_tested`.
    """
    workdir.mkdir(parents=True, exist_ok=True)
    reuse_parse(workdir, source)
    arguments: list[str | Path] = ["build", "--source", source, "--raw-dir", raw_dir]
    if rules is not None:
        arguments += ["--rules", rules]
    arguments += ["--as-of", as_of.isoformat(), "--workdir", workdir, *more]
    if is_tested:
        arguments.insert(0, "--tested")
    done = run_quick_leads(*arguments, folder=workdir)
    output = f"{done.stdout}\n{done.stderr}"
    if done.returncode != 0:
        raise AssertionError(f"leads build ended with {done.returncode}:\n{output[-6000:]}")
    keep_parse(workdir, source)
    return served(workdir, output)


def served(workdir: Path, output: str = "") -> Published:
    """What a workdir serves."""
    return Published((workdir / "published" / "current").resolve(), output)


def reuse_parse(workdir: Path, source: str) -> None:
    """Give a workdir that was never built what dbt parsed in another one."""
    kept, own = PARSED / f"{source}.msgpack", _parsed(workdir)
    if kept.exists() and not own.exists():
        own.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(kept, own)


def keep_parse(workdir: Path, source: str) -> None:
    """Keep what dbt parsed for other workdirs; of two at a time one wins whole."""
    kept, own = PARSED / f"{source}.msgpack", _parsed(workdir)
    if own.exists() and (not kept.exists() or own.stat().st_mtime > kept.stat().st_mtime + 3600):
        PARSED.mkdir(parents=True, exist_ok=True)
        beside = kept.with_suffix(f".{os.getpid()}")
        shutil.copyfile(own, beside)
        beside.replace(kept)


def _parsed(workdir: Path) -> Path:
    return workdir / "warehouse" / "target" / "partial_parse.msgpack"


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
