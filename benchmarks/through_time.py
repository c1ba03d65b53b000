"""What another day, a changed weight and past days cost, as shares of a build from nothing.

Seconds are the statement time of models of dbt less what dbt itself costs for as many empty ones:
of those that scores and ledger are made of, from the landed rows on; of all, hand-offs and lists of
work included; of the scoring models alone. Landing is shown apart: it reads the whole file anew.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.bench import (
    DATA,
    ROOT,
    BuildTimes,
    empty_model_seconds,
    is_scoring,
    land_files,
    net_seconds,
    read_times,
    run_dbt,
)
from benchmarks.generate import DAYS, LAST_DAY, generate
from benchmarks.rules import BASE_RULES, Growth, write_rules
from orchestration.lib.builds.build import prepare_rules
from orchestration.lib.builds.dbt_command import dbt_arguments, dbt_environment
from orchestration.lib.builds.rules import check_rules
from orchestration.lib.settings import Settings, resolve_settings

LOOKBACK_DAYS = 8
REPLAYS = 24
SCORE_MARTS = ("fct_lead_scores", "fct_lead_score_values", "fct_score_ledger")
# What had not come yet on the day before: all events of the day, and one in a hundred of the week.
BEFORE = """
copy (
    select * from read_parquet('$events')
    where
        occurred_at < '$last_day'
        and (occurred_at < '$week_before' or hash(event_id) % 100 > 0)
) to '$file' (format parquet, compression zstd)
"""


def main(
    events: Annotated[int, typer.Option(help="How many events.")] = 10_000_000,
    leads: Annotated[int, typer.Option(help="How many leads.")] = 100_000,
    replays: Annotated[int, typer.Option(help="Past days in one pass; 0 leaves it out.")] = REPLAYS,
    compare: Annotated[bool, typer.Option(help="Build the last day from nothing too.")] = True,
) -> None:
    """Build from nothing, then one more day, the same day again, other weights and past days."""
    console = Console()
    folder = DATA / f"{events}_{leads}"
    console.print(f"Files of {events:,} events and {leads:,} leads", style="bold")
    generate(folder / "raw", events, leads)
    _write_day_before(folder)
    empty = empty_model_seconds(folder)
    table = Table(
        "build", "landing", "to the ledger", "share", "all models", "share",
        "scoring alone", "share", box=None,
    )  # fmt: skip

    def built(title: str, settings: Settings, days: tuple[date, ...] = ()) -> BuildTimes:
        landed = land_files(settings)
        times = _build(settings, days)
        found = _sums(times, empty, _needed_for_scores(settings.workdir.dbt_target))
        sums.append(found)
        cells = [title, f"{landed:.1f}"]
        for seconds, base in zip(found, sums[0], strict=True):
            cells += [f"{seconds:.1f}", f"{seconds / base:.1%}"]
        table.add_row(*cells)
        console.print(", ".join(cells), highlight=False)
        _print_slowest(console, times, empty)
        return times

    sums: list[tuple[float, float, float]] = []
    before = _settings(folder, "before", _day(1), "daily")
    shutil.rmtree(before.workdir.root, ignore_errors=True)
    built("from nothing", before)
    daily = _settings(folder, "raw", LAST_DAY, "daily")
    built("one more day", daily)
    if compare:
        whole = _settings(folder, "raw", LAST_DAY, "whole")
        shutil.rmtree(whole.workdir.root, ignore_errors=True)
        built("the same from nothing", whole)
        _compare(console, whole, daily)
    built("the same day again", daily)
    changed = replace(daily, rules_dir=_changed_weight(folder))
    built("a changed weight", changed)
    if replays:
        step = DAYS // replays
        days = tuple(
            date.fromisoformat(LAST_DAY) - timedelta(days=step * number)
            for number in reversed(range(1, replays + 1))
        )
        built(f"{replays} replays in one pass", changed, days)
    console.print(table)


def _write_day_before(folder: Path) -> None:
    before = folder / "before"
    if (before / "events.parquet").exists():
        return
    before.mkdir(exist_ok=True)
    shutil.copy(folder / "raw" / "leads.parquet", before)
    statement = BEFORE
    for name, value in {
        "events": str(folder / "raw" / "events.parquet"),
        "file": str(before / "events.partial"),
        "last_day": LAST_DAY,
        "week_before": _day(LOOKBACK_DAYS - 1),
    }.items():
        statement = statement.replace(f"${name}", value)
    with duckdb.connect() as connection:
        connection.execute(statement)
    (before / "events.partial").replace(before / "events.parquet")


def _day(days_before: int) -> str:
    return (date.fromisoformat(LAST_DAY) - timedelta(days=days_before)).isoformat()


def _settings(folder: Path, raw: str, as_of: str, workdir: str) -> Settings:
    rules_dir = write_rules(
        folder / f"rules_{BASE_RULES}_{Growth.BROAD}",
        ROOT / "seeds" / "scoring",
        BASE_RULES,
        Growth.BROAD,
    )
    return resolve_settings(
        {
            "source": "file",
            "raw_dir": str(folder / raw),
            "rules": str(rules_dir),
            "workdir": str(folder / workdir),
            "as_of": as_of,
        },
        environment={},
    )


def _changed_weight(folder: Path) -> Path:
    """The rules with one point more for the first rule on events that gives points."""
    target = folder / "rules_changed"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder / f"rules_{BASE_RULES}_{Growth.BROAD}", target)
    file = target / "scoring_rules.csv"
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    rule = next(row for row in rows if row["applies_to"] == "event" and row["points"] > "0")
    rule["points"] = str(int(rule["points"]) + 1)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return target


def _build(settings: Settings, days: tuple[date, ...]) -> BuildTimes:
    prepare_rules(settings, check_rules(settings))
    environment = dbt_environment(settings, os.environ, days)
    arguments = dbt_arguments(settings, history_alone=bool(days))
    seconds = run_dbt(arguments, environment, settings.workdir.project)
    return read_times(settings.workdir.dbt_target, seconds)


def _sums(
    times: BuildTimes, empty: dict[str, float], needed: frozenset[str]
) -> tuple[float, float, float]:
    seconds = {model.name: net_seconds(model, empty) for model in times.models}
    to_the_ledger = sum(seconds[name] for name in seconds if name in needed)
    scoring = sum(seconds[model.name] for model in times.models if is_scoring(model))
    return to_the_ledger, sum(seconds.values()), scoring


def _needed_for_scores(target: Path) -> frozenset[str]:
    """The models that scores and ledger are made of, they included."""
    nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    found: set[str] = set()
    waiting = [key for key, node in nodes.items() if node["name"] in SCORE_MARTS]
    while waiting:
        key = waiting.pop()
        if key in nodes and key not in found:
            found.add(key)
            waiting += nodes[key]["depends_on"].get("nodes", [])
    return frozenset(nodes[key]["name"] for key in found)


def _print_slowest(console: Console, times: BuildTimes, empty: dict[str, float]) -> None:
    slowest = sorted(times.models, key=lambda model: -net_seconds(model, empty))[:12]
    console.print(
        "  " + ", ".join(f"{m.name} {net_seconds(m, empty):.1f}" for m in slowest),
        style="dim",
    )


def _compare(console: Console, whole: Settings, daily: Settings) -> None:
    """The marts of both ways hold the same rows."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{whole.workdir.database}' as a (read_only)")
        connection.execute(f"attach '{daily.workdir.database}' as b (read_only)")
        for mart in SCORE_MARTS:
            sums = {
                connection.execute(
                    f"select count(*), sum(hash(mart)) from {side}.marts.{mart} as mart"
                ).fetchone()
                for side in ("a", "b")
            }
            console.print(f"  {mart}: {'equal' if len(sums) == 1 else 'DIFFERENT'}")


if __name__ == "__main__":
    typer.run(main)
