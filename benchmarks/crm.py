"""How many rows a minute go to HubSpot, with a far server and the limit of its plan.

The server is a fake in a process of its own, with a delay before each answer; it counts the calls
that came too early. Without the limit the same rows show what this side can do.
"""

from __future__ import annotations

import multiprocessing
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from orchestration.lib.exports.crm.environment import Secret
from orchestration.lib.exports.destination import OutgoingRow
from orchestration.lib.exports.hubspot import HubSpotDestination
from orchestration.lib.exports.hubspot.account import HubSpotAccount
from tests.orchestration.fake_hubspot import TOKEN, FakeHubSpot


@dataclass(frozen=True)
class Measured:
    """One run: seconds by the clock and of the processor, and calls refused as too many."""

    rows: int
    seconds: float
    processor_seconds: float
    calls: int
    too_many: int

    @property
    def rows_a_minute(self) -> float:
        """Rows in sixty seconds."""
        return self.rows / self.seconds * 60


def main(
    rows: Annotated[int, typer.Option(help="How many rows.")] = 60_000,
    latency: Annotated[float, typer.Option(help="Seconds before each answer.")] = 0.1,
    calls: Annotated[int, typer.Option(help="Calls of a period.")] = 100,
    period: Annotated[float, typer.Option(help="Seconds of the period.")] = 10.0,
) -> None:
    """Send rows with the limit of HubSpot, then without one."""
    table = Table(box=None)
    for title in ("", "rows", "seconds", "rows a minute", "calls", "too many", "processor s"):
        table.add_column(title, justify="right")
    for name, limit in (("limited", (calls, period)), ("unlimited", (1_000_000, 1.0))):
        found = measure(rows, latency, limit)
        table.add_row(
            name,
            f"{found.rows:,}",
            f"{found.seconds:.1f}",
            f"{found.rows_a_minute:,.0f}",
            str(found.calls),
            str(found.too_many),
            f"{found.processor_seconds:.1f}",
        )
    Console().print(table)


def measure(rows: int, latency: float, limit: tuple[int, float]) -> Measured:
    """Send so many rows to a server that keeps the limit."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(there, latency, limit), daemon=True
    )
    server.start()
    try:
        account = HubSpotAccount(here.recv(), Secret(TOKEN), calls=limit[0], period=limit[1])
        own = HubSpotDestination(account, "contacts", "ls_lead_id", "upsert")
        began, began_processor = time.perf_counter(), time.process_time()
        accepted = sum(outcome.status == "accepted" for outcome in own.send(_rows(rows)))
        seconds, processor = time.perf_counter() - began, time.process_time() - began_processor
        here.send("end")
        calls, too_many = here.recv()
    finally:
        server.join(timeout=10)
    if accepted != rows:
        raise SystemExit(f"only {accepted} of {rows} rows were accepted")
    return Measured(rows, seconds, processor, calls, too_many)


def _rows(count: int) -> list[OutgoingRow]:
    fields = {"ls_grade": "A1", "ls_score": "57", "ls_reason": "Viewed the price list, 3 times"}
    return [OutgoingRow(f"L-{i}", "upsert", fields, f"{i:032x}") for i in range(count)]


def _serve(there: Connection, latency: float, limit: tuple[int, float]) -> None:
    with FakeHubSpot() as fake:
        fake.is_strict = False
        fake.latency, fake.bucket = latency, limit
        there.send(fake.url)
        there.recv()
        there.send((len(fake.requests), fake.too_many))


if __name__ == "__main__":
    typer.run(main)
