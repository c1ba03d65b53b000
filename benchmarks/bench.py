"""What the scoring models cost, as a ratio to hand-written queries on the same events.

Seconds are the statement time of dbt's models, less what dbt itself costs for as many empty ones.
The floor groups the events of the file by lead and type; the core scores the twenty base rules in
one statement that knows them. All run on the same machine, one after the other, so that the ratio
holds where a second does not.
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
from benchmarks.rules import BASE_RULES, Growth, write_rules
from orchestration.lib.builds.build import land, prepare_rules
from orchestration.lib.builds.dbt_command import dbt_arguments, dbt_environment
from orchestration.lib.builds.rules import check_rules
from orchestration.lib.settings import Settings, resolve_settings

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(__file__).resolve().parent / ".data"
FLOOR = Path(__file__).resolve().parent / "floor.sql"
CORE = Path(__file__).resolve().parent / "core.sql"
SCORING_FOLDERS = ("models/intermediate/scoring/", "models/marts/scoring/")
# Doubles against exact decimals: a cent apart is another score, a rounding error is not.
CORE_DIFFERENCES = """
select count(*)
from warehouse.marts.fct_lead_score_values
inner join warehouse.intermediate.int_leads using (lead_id)
left join core_scores using (lead_key)
where score_id = 'engagement' and abs(points - coalesce(score, 0)) > 0.015
"""
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
    rules: Annotated[
        str, typer.Option(help="More rules than the base has, each with its growth, by commas.")
    ] = "200product,200broad",
) -> None:
    """Compare the scoring models with the floor and the core, then larger rule sets with them."""
    console = Console()
    folder = DATA / f"{events}_{leads}"
    console.print(f"Files of {events:,} events and {leads:,} leads", style="bold")
    generate(folder / "raw", events, leads)
    base = _settings(folder, BASE_RULES, Growth.BROAD)
    _reset(base)
    land_seconds = land_files(base)
    empty = empty_model_seconds(folder)
    floor_before = _floor_seconds(folder)
    times = _build(base)
    floor = statistics.median([*floor_before, *_floor_seconds(folder)])
    base_seconds = _report(console, times, empty, floor, events, f"{BASE_RULES} event rules")
    _report_core(console, base_seconds, _core_seconds(folder, base), floor)
    _report_rest(console, times, empty, land_seconds)
    for size in filter(None, rules.split(",")):
        number, growth = _rule_set(size)
        grown = _build(_settings(folder, number, growth))
        seconds = _report(console, grown, empty, floor, events, f"{number} event rules, {growth}")
        console.print(f"They cost {seconds / base_seconds:.2f} times what {BASE_RULES} do.")
    # Linux counts the largest resident set of a child in kilobytes.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    console.print(f"Largest memory: dbt {peak:.1f} GB, landing and floor {own:.1f} GB.")


def _rule_set(size: str) -> tuple[int, Growth]:
    """`200broad` is 200 rules that all look at every event."""
    for growth in Growth:
        if size.endswith(growth) and size.removesuffix(growth).isdigit():
            return int(size.removesuffix(growth)), growth
    raise typer.BadParameter(f"{size}: write a number and one of {', '.join(Growth)}: 200broad")


def _settings(folder: Path, rules: int, growth: Growth) -> Settings:
    target = folder / f"rules_{rules}_{growth}"
    rules_dir = write_rules(target, ROOT / "seeds" / "scoring", rules, growth)
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


def land_files(settings: Settings) -> float:
    """Land the files and give the seconds it took."""
    began = time.perf_counter()
    land(settings, check_rules(settings))
    return time.perf_counter() - began


def _build(settings: Settings) -> BuildTimes:
    prepare_rules(settings, check_rules(settings))
    environment = dbt_environment(settings, os.environ)
    wall = run_dbt(dbt_arguments(settings), environment, settings.workdir.project)
    return read_times(settings.workdir.dbt_target, wall)


def run_dbt(arguments: list[str], environment: dict[str, str], folder: Path) -> float:
    """Run dbt.

    Returns:
        Seconds of the wall clock.
    """
    began = time.perf_counter()
    done = subprocess.run(
        arguments, env=environment, cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        sys.exit(done.stdout[-4000:] + done.stderr[-4000:])
    return time.perf_counter() - began


def read_times(target: Path, wall: float) -> BuildTimes:
    """The times that dbt wrote down of its last run."""
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


def empty_model_seconds(folder: Path) -> dict[str, float]:
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
    run_dbt(
        [sys.executable, "-m", "dbt.cli.main", "--quiet", "run", "--profiles-dir", "."],
        environment,
        project,
    )
    times = read_times(project / "target", 0.0)
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


def _core_seconds(folder: Path, settings: Settings) -> float:
    """The median seconds of the core, after its scores were seen to be those of the marts."""
    statement = CORE.read_text(encoding="utf-8").replace("$last_day", LAST_DAY)
    database = folder / "core.duckdb"
    seconds = []
    for _ in range(FLOOR_RUNS):
        database.unlink(missing_ok=True)
        with duckdb.connect(str(database)) as connection:
            connection.execute("set preserve_insertion_order = false")
            connection.execute(f"attach '{settings.workdir.database}' as warehouse (read_only)")
            began = time.perf_counter()
            connection.execute(statement)
            seconds.append(time.perf_counter() - began)
            row = connection.execute(CORE_DIFFERENCES).fetchone()
            if row is None or row[0] != 0:
                sys.exit(f"The core and the marts differ on {row} leads.")
    database.unlink(missing_ok=True)
    return statistics.median(seconds)


def net_seconds(model: ModelTime, empty: dict[str, float]) -> float:
    """Seconds of a model less what dbt takes for an empty one."""
    return max(0.0, model.seconds - empty.get(model.materialized, 0.0))


def is_scoring(model: ModelTime) -> bool:
    """Whether the model is one of those that score, not of those that prepare."""
    return model.folder.startswith(SCORING_FOLDERS)


def _report(
    console: Console,
    times: BuildTimes,
    empty: dict[str, float],
    floor: float,
    events: int,
    title: str,
) -> float:
    models = [replace(m, seconds=net_seconds(m, empty)) for m in times.models if is_scoring(m)]
    total = sum(model.seconds for model in models)
    console.print(f"\n{title}, {len(models)} scoring models", style="bold")
    console.print(
        f"{total / floor:.2f} times the floor "
        f"({total:.2f} s against {floor:.2f} s), {events / total:,.0f} rows per second"
    )
    table = Table("slowest models", "seconds", "times the floor", box=None, pad_edge=False)
    for model in sorted(models, key=lambda m: -m.seconds)[:5]:
        table.add_row(model.name, f"{model.seconds:.2f}", f"{model.seconds / floor:.2f}")
    console.print(table)
    return total


def _report_core(console: Console, scoring: float, core: float, floor: float) -> None:
    console.print(
        f"{scoring / core:.2f} times the hand-written core "
        f"({core:.2f} s, {core / floor:.2f} times the floor; same scores)"
    )


def _report_rest(
    console: Console, times: BuildTimes, empty: dict[str, float], land_seconds: float
) -> None:
    rest = [m for m in times.models if not is_scoring(m)]
    table = Table("shown apart", "seconds", box=None, pad_edge=False)
    table.add_row("landing of the files", f"{land_seconds:.1f}")
    table.add_row(
        "leads, events with de-duplication, other models",
        f"{sum(net_seconds(m, empty) for m in rest):.1f}",
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
