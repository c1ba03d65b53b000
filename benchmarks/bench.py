"""What the scoring models cost, as a ratio to one hand-written query on the same event files.

Seconds are the statement time of dbt's models, less what dbt itself costs for as many empty ones;
the floor groups the events of the file by lead and type. Both run on the same machine, one after
the other, so that the ratio holds where a second does not.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.generate import LAST_DAY, generate
from benchmarks.rules import write_rules
from orchestration.lib.builds.build import land, prepare_rules
from orchestration.lib.builds.dbt_command import dbt_arguments, dbt_environment
from orchestration.lib.builds.rules import check_rules
from orchestration.lib.settings import Settings, resolve_settings

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(__file__).resolve().parent / ".data"
FLOOR = Path(__file__).resolve().parent / "floor.sql"
SCORING_FOLDERS = ("models/intermediate/scoring/", "models/marts/scoring/")
FLOOR_RUNS = 3
EMPTY_MODELS = 20


@dataclass(frozen=True)
class ModelTime:
    """Statement seconds of one model, dbt's own share included."""

    name: str
    folder: str
    materialized: str
    seconds: float


@dataclass(frozen=True)
class BuildTimes:
    """One dbt run: its models, all its tests, and the wall clock around it, in seconds."""

    models: tuple[ModelTime, ...]
    test_seconds: float
    wall_seconds: float


def main(
    events: Annotated[int, typer.Option(help="How many events.")] = 10_000_000,
    leads: Annotated[int, typer.Option(help="How many leads.")] = 100_000,
    rules: Annotated[str, typer.Option(help="Numbers of event rules, by commas.")] = "20,200",
) -> None:
    """Compare the scoring models with the floor; the first number of rules is the base."""
    console = Console()
    folder = DATA / f"{events}_{leads}"
    console.print(f"Files of {events:,} events and {leads:,} leads", style="bold")
    generate(folder / "raw", events, leads)
    numbers = [int(number) for number in rules.split(",")]
    base = _settings(folder, numbers[0])
    _reset(base)
    land_seconds = _land(base)
    empty = _empty_model_seconds(folder)
    scoring: dict[int, float] = {}
    for number in numbers:
        settings = _settings(folder, number)
        floor_before = _floor_seconds(folder)
        times = _build(settings)
        floor = statistics.median([*floor_before, *_floor_seconds(folder)])
        scoring[number] = _report(console, times, empty, floor, events, number)
        if number == numbers[0]:
            _report_rest(console, times, empty, land_seconds)
        else:
            ratio = scoring[number] / scoring[numbers[0]]
            console.print(f"{number} rules cost {ratio:.2f} times what {numbers[0]} do.")
    # Linux counts the largest resident set of a child in kilobytes.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    console.print(f"Largest memory: dbt {peak:.1f} GB, landing and floor {own:.1f} GB.")


def _settings(folder: Path, rules: int) -> Settings:
    rules_dir = write_rules(folder / f"rules_{rules}", ROOT / "seeds" / "scoring", rules)
    return resolve_settings(
        {
            "source": "file",
            "raw_dir": str(folder / "raw"),
            "rules": str(rules_dir),
            "workdir": str(folder / "work"),
            "as_of": LAST_DAY,
        },
        environment={},
    )


def _reset(settings: Settings) -> None:
    shutil.rmtree(settings.workdir.root, ignore_errors=True)


def _land(settings: Settings) -> float:
    began = time.perf_counter()
    land(settings, check_rules(settings))
    return time.perf_counter() - began


def _build(settings: Settings) -> BuildTimes:
    prepare_rules(settings, check_rules(settings))
    began = time.perf_counter()
    _run(dbt_arguments(settings), dbt_environment(settings, os.environ), settings.workdir.project)
    wall = time.perf_counter() - began
    return _read_times(settings.workdir.dbt_target, wall)


def _run(arguments: list[str], environment: dict[str, str], folder: Path) -> None:
    done = subprocess.run(
        arguments, env=environment, cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        sys.exit(done.stdout[-4000:] + done.stderr[-4000:])


def _read_times(target: Path, wall: float) -> BuildTimes:
    nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    models = tuple(
        ModelTime(
            nodes[result["unique_id"]]["name"],
            nodes[result["unique_id"]]["original_file_path"],
            nodes[result["unique_id"]]["config"]["materialized"],
            float(result["execution_time"]),
        )
        for result in results
        if result["unique_id"].startswith("model.")
    )
    tests = sum(r["execution_time"] for r in results if r["unique_id"].startswith("test."))
    return BuildTimes(models, tests, wall)


def _empty_model_seconds(folder: Path) -> dict[str, float]:
    """What dbt itself costs for a model that does nothing, by materialization: the median."""
    project = folder / "empty"
    shutil.rmtree(project, ignore_errors=True)
    (project / "models").mkdir(parents=True)
    shutil.copy(ROOT / "profiles.yml", project / "profiles.yml")
    (project / "dbt_project.yml").write_text(
        "name: empty\nversion: '1.0.0'\nprofile: lead_scoring\nmodel-paths: [models]\n",
        encoding="utf-8",
    )
    for kind in ("table", "view"):
        for number in range(EMPTY_MODELS):
            (project / "models" / f"{kind}_{number}.sql").write_text(
                "{{ config(materialized='" + kind + "') }}\nselect 1 as one\n", encoding="utf-8"
            )
    environment = {**os.environ, "LEADS_WAREHOUSE": str(project / "empty.duckdb")}
    _run(
        [sys.executable, "-m", "dbt.cli.main", "--quiet", "run", "--profiles-dir", "."],
        environment,
        project,
    )
    times = _read_times(project / "target", 0.0)
    return {
        kind: statistics.median(m.seconds for m in times.models if m.materialized == kind)
        for kind in ("table", "view")
    }


def _floor_seconds(folder: Path) -> list[float]:
    statement = FLOOR.read_text(encoding="utf-8").replace(
        "$events", str(folder / "raw" / "events.parquet")
    )
    database = folder / "floor.duckdb"
    seconds = []
    for _ in range(FLOOR_RUNS):
        database.unlink(missing_ok=True)
        with duckdb.connect(str(database)) as connection:
            connection.execute("set preserve_insertion_order = false")
            began = time.perf_counter()
            connection.execute(statement)
            seconds.append(time.perf_counter() - began)
    database.unlink(missing_ok=True)
    return seconds


def _net(model: ModelTime, empty: dict[str, float]) -> float:
    return max(0.0, model.seconds - empty.get(model.materialized, 0.0))


def _is_scoring(model: ModelTime) -> bool:
    return model.folder.startswith(SCORING_FOLDERS)


def _report(
    console: Console,
    times: BuildTimes,
    empty: dict[str, float],
    floor: float,
    events: int,
    rules: int,
) -> float:
    models = [replace(m, seconds=_net(m, empty)) for m in times.models if _is_scoring(m)]
    total = sum(model.seconds for model in models)
    console.print(f"\n{rules} event rules, {len(models)} scoring models", style="bold")
    console.print(
        f"{total / floor:.2f} times the floor "
        f"({total:.2f} s against {floor:.2f} s), {events / total:,.0f} rows per second"
    )
    table = Table("slowest models", "seconds", "times the floor", box=None, pad_edge=False)
    for model in sorted(models, key=lambda m: -m.seconds)[:5]:
        table.add_row(model.name, f"{model.seconds:.2f}", f"{model.seconds / floor:.2f}")
    console.print(table)
    return total


def _report_rest(
    console: Console, times: BuildTimes, empty: dict[str, float], land_seconds: float
) -> None:
    rest = [m for m in times.models if not _is_scoring(m)]
    table = Table("shown apart", "seconds", box=None, pad_edge=False)
    table.add_row("landing of the files", f"{land_seconds:.1f}")
    table.add_row(
        "leads, events with de-duplication, other models",
        f"{sum(_net(m, empty) for m in rest):.1f}",
    )
    table.add_row("tests", f"{times.test_seconds:.1f}")
    own = sum(empty.get(m.materialized, 0.0) for m in times.models)
    statements = sum(m.seconds for m in times.models)
    table.add_row("dbt itself, models", f"{own:.1f}")
    table.add_row(
        "dbt itself, start-up and seeds",
        f"{times.wall_seconds - statements - times.test_seconds:.1f}",
    )
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
