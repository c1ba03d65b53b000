"""A published snapshot with a model to export, made by hand, and a destination that remembers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib.builds.reporting import Reporter
from orchestration.lib.exports.destination import DestinationStopped, OutgoingRow, RowOutcome
from orchestration.lib.exports.destinations import open_destination
from orchestration.lib.exports.exclusions import Exclusions
from orchestration.lib.exports.export import export
from orchestration.lib.exports.request import ExportRequest
from orchestration.lib.exports.results import ExportResult, SyncResult
from orchestration.lib.exports.sync import Sync
from orchestration.lib.publishing.identity import build_identity
from orchestration.lib.publishing.manifest import FILE_NAME, MartContent, RunManifest
from orchestration.lib.publishing.serving import list_runs, serve
from orchestration.lib.publishing.snapshot import SNAPSHOT_DATABASE, new_run_id
from orchestration.lib.settings import Settings
from tests.orchestration.hand_made_build import AS_OF, NOW, hand_made_settings

MODEL = "sync_test__people"
COLUMNS = "sync_key, lead_id, email, score_status, grade, fit_score, points, is_clearing"
EXPORTS = """\
syncs:
  people:
    model: sync_test__people
    destination: hubspot
    object: contacts
    match_key: custom_id
    custom_id_field: lead_key
    fields:
      status: score_status
      grade: grade
      fit: {column: fit_score, round: 0, min_change: 2}
"""
MODEL_TABLE = f"""
    create schema marts;
    create table marts.{MODEL} (
        sync_key varchar, lead_id varchar, email varchar, score_status varchar, grade varchar,
        fit_score decimal(12, 2), points integer, is_clearing boolean
    );
"""
RECORDS = """
    create table marts.dim_lead_records as
    select
        'file' as source_name, lead_id as record_id, lead_id as own_lead_id, lead_id,
        null::varchar as exclusion_reason, true as is_lead_record, false as is_merged,
        false as stops_scoring, false as stops_queue, false as stops_nurture,
        false as stops_export, false as clears_crm_fields
    from (select distinct lead_id from marts.sync_test__people);
"""


def person(
    key: str, grade: str | None = "A1", fit: float | None = 50, **more: Any
) -> dict[str, Any]:
    """A row of the model; a grade of None means that its fields are to be emptied."""
    row = {
        "sync_key": key,
        "lead_id": key,
        "email": f"{key}@private.example",
        "score_status": "scored" if grade else "competitor",
        "grade": grade,
        "fit_score": fit if grade else None,
        "points": 1 if grade else None,
        "is_clearing": grade is None,
    }
    return row | more


@dataclass
class MemoryDestination:
    """Accepts rows and remembers what its records say; knobs make it answer otherwise."""

    records: dict[str, dict[str, str | None]] = field(default_factory=dict)
    sent: list[OutgoingRow] = field(default_factory=list)
    rejects: set[str] = field(default_factory=set)
    defers: set[str] = field(default_factory=set)
    stops_after: int | None = None
    raises_after: int | None = None
    batch_size: int = 100

    def send(self, rows: Iterable[OutgoingRow]) -> Iterator[RowOutcome]:
        for number, row in enumerate(rows):
            if number == self.stops_after:
                raise DestinationStopped(
                    "DAILY", "No more today.", datetime(2030, 1, 1, tzinfo=UTC)
                )
            if number == self.raises_after:
                raise ValueError(f"secret-token {row.key} {dict(row.fields)}")
            self.sent.append(row)
            if row.key in self.rejects:
                yield RowOutcome(row.key, "rejected", None, "INVALID", f"bad '{row.fields}'")
            elif row.key in self.defers:
                yield RowOutcome(row.key, "deferred", None, "LOCKED", "Locked.")
            else:
                if row.operation == "delete":
                    self.records.pop(row.key, None)
                else:
                    self.records.setdefault(row.key, {}).update(row.fields)
                yield RowOutcome(row.key, "accepted", f"id-{row.key}")


@dataclass
class World:
    """A workdir with a snapshot of `people`."""

    root: Path
    destination: MemoryDestination = field(default_factory=MemoryDestination)
    data_at: datetime | None = field(default_factory=lambda: datetime.now(UTC))
    # Variables of a real destination; without any the one that remembers is used.
    environment: dict[str, str] = field(default_factory=dict)
    # SQL on the table fresh_records, as if something had landed since.
    news: str = ""
    # SQL on the schema marts of what is published next: other models.
    more_models: str = ""

    def write(self, exports: str = EXPORTS) -> None:
        """Write exports.yml."""
        folder = self.root / "project"
        folder.mkdir(exist_ok=True)
        (folder / "exports.yml").write_text(exports, encoding="utf-8")

    @property
    def settings(self) -> Settings:
        return hand_made_settings(self.root)

    def publish(self, *rows: Mapping[str, Any]) -> None:
        """Serve a snapshot whose model has these rows."""
        settings = self.settings
        workdir = settings.workdir
        run_id = new_run_id(NOW + timedelta(seconds=len(list_runs(workdir))))
        folder = workdir.runs / run_id
        folder.mkdir(parents=True)
        with duckdb.connect(str(folder / SNAPSHOT_DATABASE)) as connection:
            connection.execute(MODEL_TABLE)
            values = [[row[name] for row in rows] for name in COLUMNS.split(", ")]
            if rows:
                lists = ", ".join(["unnest(?)"] * len(values))
                connection.execute(f"insert into marts.{MODEL} select {lists}", values)
            connection.execute(RECORDS + self.more_models)
        manifest = RunManifest(
            run_id=run_id,
            started_at=NOW,
            as_of_date=AS_OF,
            is_provisional=False,
            rule_set_id="set-1",
            agreement_id=None,
            data_through=None,
            identity=build_identity(settings).to_json(),
            marts={name: MartContent(len(rows), "", ()) for name in (MODEL, "dim_lead_records")},
            accepted=None,
            project_version="1",
        )
        (folder / FILE_NAME).write_text(json.dumps(manifest.to_json()))
        serve(workdir, run_id)

    def export(self, **request: Any) -> SyncResult:
        """Export everything that is enabled; the one result."""
        return self.export_all(**request).syncs[0]

    def export_all(self, **request: Any) -> ExportResult:
        return export(
            self.settings,
            ExportRequest(**request),
            environment=self.environment,
            opener=self._open,
            judge=self.judge,
        )

    def sent_keys(self) -> list[str]:
        """Keys of what was sent since the last look."""
        keys = [row.key for row in self.destination.sent]
        self.destination.sent.clear()
        return keys

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the state of the exports."""
        with duckdb.connect(str(self.settings.workdir.export_state), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def _open(self, sync: Sync, settings: Settings, environment: Mapping[str, str]) -> Any:
        return open_destination(sync, settings, environment) if environment else self.destination

    def judge(
        self,
        connection: duckdb.DuckDBPyConnection,
        settings: Settings,
        manifest: RunManifest,
        reporter: Reporter,
    ) -> Exclusions:
        connection.execute(
            "create or replace table fresh_records as from snapshot.marts.dim_lead_records"
        )
        if self.news:
            connection.execute(self.news)
        return Exclusions(bool(self.news), self.data_at, ("file/leads.csv",) if self.news else ())


Worlds = Callable[..., World]


def make_world(root: Path, *rows: Mapping[str, Any], exports: str = EXPORTS) -> World:
    """A world that serves these rows."""
    world = World(root)
    world.write(exports)
    world.publish(*rows)
    return world
