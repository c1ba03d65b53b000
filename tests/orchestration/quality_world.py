"""A company whose data come day by day, for tests of the checks: landed and judged without dbt.

Each working day brings some hundred events between nine and six in Tokyo; on weekends and on the
closures of the company's calendar a few come.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib.builds.build import land, prepare_rules
from orchestration.lib.builds.rules import CheckedRules, check_rules
from orchestration.lib.quality.measures import Measure
from orchestration.lib.quality.raw_checks import measure_raw
from orchestration.lib.quality.raw_profile import RawProfile
from orchestration.lib.settings import Settings, resolve_settings
from tests.orchestration.building import REPOSITORY, read_rows, write_rows

LEADS = 300
FIRST_DAY = date(2026, 4, 6)
# A Wednesday and the Thursday after it, far from any closure.
GOOD_DAY, NEXT_DAY = date(2026, 6, 24), date(2026, 6, 25)
HOLIDAYS = REPOSITORY / "seeds" / "handoff" / "business_holidays.csv"

_CHECKED: dict[str, CheckedRules] = {}

_EVENTS = """
    with
    days as (
        select cast(day as date) as day
        from range(cast($first as timestamp), cast($last as timestamp) + interval 1 day,
            interval 1 day) as spine(day)
    ),
    counted as (
        select
            day,
            case
                when isodow(day) > 5 or day in (select unnest($holidays::date[])) then 12
                else 240 + cast(hash(day) % 60 as integer)
            end as row_count
        from days
    ),
    numbered as (
        select day, unnest(range(row_count)) as number from counted
    ),
    drawn as (
        select day, number, hash(day, number) as draw from numbered
    )
    select
        strftime(day, '%Y%m%d') || '-' || number as event_id,
        cast(1 + draw % $leads as varchar) as lead_id,
        (['page_viewed', 'page_viewed', 'form_submitted', 'email_clicked', 'document_downloaded'])
            [1 + cast(draw // 7 % 5 as integer)] as event_type,
        -- Nine o'clock in Tokyo is midnight in UTC.
        strftime(
            cast(day as timestamp) + to_seconds(cast(draw // 11 % 32400 as bigint)),
            '%Y-%m-%dT%H:%M:%SZ'
        ) as occurred_at,
        'page-' || draw % 9 as page_path,
        cast(draw % 600 as varchar) as duration_seconds
    from drawn
    order by day, number
"""


@dataclass
class QualityWorld:
    """A raw folder, a workdir, and what the served build saw of them."""

    root: Path
    planned: str = ""
    served: RawProfile | None = None
    _settings: dict[date, Settings] = field(default_factory=dict)

    @property
    def raw(self) -> Path:
        """The raw folder."""
        return self.root / "raw"

    @property
    def events(self) -> Path:
        """The file of events."""
        return self.raw / "events.csv"

    def settings(self, as_of: date, **changes: Any) -> Settings:
        """Settings of a build of that day, which is over."""
        if as_of not in self._settings:
            self.raw.mkdir(parents=True, exist_ok=True)
            rules = self.root / "rules"
            rules.mkdir(exist_ok=True)
            if self.planned:
                header = "planned_event_id,first_date,last_date,table_name,expected_rows"
                (rules / "planned_events.csv").write_text(f"{header}\n{self.planned}\n")
            flags = {
                "raw_dir": str(self.raw),
                "workdir": str(self.root / "work"),
                "rules": str(rules),
                "as_of": as_of.isoformat(),
                "source": "file",
            }
            self._settings[as_of] = resolve_settings(flags, environment={}, folder=self.root)
        settings = self._settings[as_of]
        if not (settings.workdir.project / "seeds").is_dir():
            prepare_rules(settings, _rules(self.planned, settings))
        return replace(settings, run_date=max(settings.run_date, date(2027, 1, 1)), **changes)

    def write(self, last: date, first: date = FIRST_DAY) -> None:
        """Write the files of all days up to one."""
        self.raw.mkdir(parents=True, exist_ok=True)
        holidays = [row["holiday_date"] for row in read_rows(HOLIDAYS)]
        with duckdb.connect() as connection:
            events = connection.execute(
                _EVENTS,
                {"first": first, "last": last, "holidays": holidays, "leads": LEADS},
            )
            columns = [name for name, *_ in events.description or ()]
            with self.events.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(columns)
                writer.writerows(events.fetchall())
        people = (
            {
                "lead_id": str(number),
                "created_at": "2026-01-05",
                "email": f"person{number}@customer{number % 40}.example",
                "full_name": f"Person Number{number}",
                "employee_count": str(50 + number),
            }
            for number in range(1, LEADS + 1)
        )
        columns = ["lead_id", "created_at", "email", "full_name", "employee_count"]
        write_rows(self.raw / "leads.csv", columns, people)

    def land(self, as_of: date) -> None:
        """Land the files as a build does."""
        settings = self.settings(as_of)
        land(settings, _rules(self.planned, settings))

    def measures(self, as_of: date, **changes: Any) -> list[Measure]:
        """Land, and measure against what the served build saw."""
        self.land(as_of)
        return measure_raw(self.settings(as_of, **changes), self.served)[1]

    def serve(self, as_of: date, **changes: Any) -> list[Measure]:
        """Land and measure, and let this be what the served build saw."""
        self.land(as_of)
        self.served, measures = measure_raw(self.settings(as_of, **changes), self.served)
        return measures

    def change(self, **columns: object) -> None:
        """Rewrite the events of the newest day; see `changed_rows`."""
        rows = read_rows(self.events)
        newest = max(row["event_id"][:8] for row in rows)
        write_rows(self.events, list(rows[0]), changed_rows(rows, newest, columns))


def _rules(planned: str, settings: Settings) -> CheckedRules:
    """The same for every world with the same plans; no rule of these tests asks for a field."""
    if planned not in _CHECKED:
        _CHECKED[planned] = check_rules(settings)
    return _CHECKED[planned]


def changed_rows(
    rows: Iterable[Mapping[str, str]], day: str, columns: Mapping[str, Any]
) -> Iterable[Mapping[str, str]]:
    """The rows, those of a day with other cells; a function makes the new cell of the old one."""
    for row in rows:
        if not row["event_id"].startswith(day):
            yield row
            continue
        cells = {
            name: make(row[name]) if callable(make) else str(make) for name, make in columns.items()
        }
        yield {**row, **cells}


def out_of_limits(measures: Iterable[Measure]) -> list[Measure]:
    """The measures beyond their limits."""
    return [
        entry
        for entry in measures
        if (entry.low is not None and entry.value < entry.low)
        or (entry.high is not None and entry.value > entry.high)
    ]


def holding(measures: Iterable[Measure]) -> set[str]:
    """The checks that would hold the build."""
    return {entry.limit.check_id for entry in out_of_limits(measures) if entry.severity == "error"}
