"""The days about the as-of day by their kind, and what is planned for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import duckdb

from orchestration.lib.inspection.prepared_seeds import SeedRow, read_prepared_seed
from orchestration.lib.settings import Settings
from orchestration.lib.settings.resolving import project_variables

DayKind = Literal["working day", "weekend", "closure"]


@dataclass(frozen=True)
class PlannedEvent:
    """A row of `planned_events.csv`. `rows` are on top of the usual, `factor` times the usual."""

    first: date
    last: date
    table: str | None
    rows: int
    factor: float | None

    def concerns(self, table: str, first: date, last: date) -> bool:
        """Whether it shows in a table (or a mart, which has no row of its own) in these days."""
        return self.table in (None, table) and self.first <= last and self.last >= first


@dataclass(frozen=True)
class Calendar:
    """Business days of the company's calendar, and the planned events."""

    weekdays: frozenset[int]
    holidays: frozenset[date]
    planned: tuple[PlannedEvent, ...]

    def kind(self, day: date) -> DayKind:
        """What kind of day it is for the company."""
        if day.isoweekday() not in self.weekdays:
            return "weekend"
        return "closure" if day in self.holidays else "working day"

    def business_days(self, after: date, until: date) -> int:
        """Working days after one day, up to another."""
        days = (after + timedelta(days=step) for step in range(1, (until - after).days + 1))
        return sum(self.kind(day) == "working day" for day in days)

    def planned_rows(self, table: str, first: date, last: date) -> int:
        """The rows that are planned on top of the usual in these days."""
        return sum(event.rows for event in self.planned if event.concerns(table, first, last))

    def planned_factors(self, table: str, day: date) -> list[float]:
        """How many times the usual is planned for a day."""
        return [
            event.factor
            for event in self.planned
            if event.factor is not None and event.concerns(table, day, day)
        ]

    def write_days(self, connection: duckdb.DuckDBPyConnection, first: date, last: date) -> None:
        """Create the temp table `calendar_days` (day, kind) of all days from one to another."""
        connection.execute("create or replace temp table calendar_days (day date, kind varchar)")
        days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
        if days:
            values = ", ".join(f"('{day.isoformat()}', '{self.kind(day)}')" for day in days)
            connection.execute(f"insert into calendar_days values {values}")  # noqa: S608 - days and kinds alone


def read_calendar(settings: Settings) -> Calendar:
    """The calendar of the seeds that the build prepared."""
    variables = {**project_variables(settings.project_root), **settings.variables}
    name = str(variables.get("business_calendar"))
    hours = read_prepared_seed(settings.workdir, "handoff", "business_hours")
    holidays = read_prepared_seed(settings.workdir, "handoff", "business_holidays")
    planned = read_prepared_seed(settings.workdir, "reference", "planned_events")
    return Calendar(
        frozenset(int(row["weekday"] or 0) for row in hours if row["calendar_id"] == name),
        frozenset(
            date.fromisoformat(row["holiday_date"] or "")
            for row in holidays
            if row["calendar_id"] == name
        ),
        tuple(_planned(row) for row in planned),
    )


def _planned(row: SeedRow) -> PlannedEvent:
    first = date.fromisoformat(row["first_date"] or "")
    factor = row["expected_factor"]
    return PlannedEvent(
        first,
        date.fromisoformat(row["last_date"]) if row["last_date"] else first,
        row["table_name"],
        int(row["expected_rows"] or 0),
        None if factor is None else float(factor),
    )
