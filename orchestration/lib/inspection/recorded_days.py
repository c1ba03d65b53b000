"""What `fct_lead_score_history` of the published snapshot says of a lead on a past day."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from orchestration.lib.failures import RunFailed
from orchestration.lib.inspection.build_file import open_build_file
from orchestration.lib.inspection.explain import find_lead_id
from orchestration.lib.problems import InputError, Problem
from orchestration.lib.publishing.manifest import RunManifest
from orchestration.lib.publishing.serving import open_snapshot
from orchestration.lib.publishing.snapshot import SNAPSHOT_DATABASE
from orchestration.lib.settings import Workdir

if TYPE_CHECKING:
    import duckdb

_HISTORY = "marts.fct_lead_score_history"
_KNOWN_LEADS = """
    (
        select lead_id from marts.dim_leads
        union
        select lead_id from marts.fct_lead_score_history
    ) as known_leads
"""
_PERIOD = """
    select
        fit_score, engagement_score, grade, temperature, route, priority, rule_set_id, origin,
        is_provisional, valid_from
    from marts.fct_lead_score_history
    where
        lead_id = $lead_id
        and valid_from <= $day
        and (valid_to is null or valid_to > $day)
"""


@dataclass(frozen=True)
class RecordedDay:
    """Score and grade of a lead at the end of a day; without scores where it had none.

    `origin` is `published` for what was published for that day, `back_filled` for what was computed
    later. `unchanged_since` is the day from which on the lead stood so.
    """

    lead_id: str
    day: date
    scores: dict[str, Decimal]
    grade: str | None = None
    temperature: str | None = None
    route: str | None = None
    priority: int | None = None
    rule_set_id: str | None = None
    origin: str | None = None
    is_provisional: bool = False
    unchanged_since: date | None = None

    @property
    def is_scored(self) -> bool:
        """Whether the lead had a score."""
        return self.origin is not None

    def to_json(self) -> dict[str, Any]:
        """As plain values; points as text, so that no digit is lost."""
        since = self.unchanged_since
        return vars(self) | {
            "day": self.day.isoformat(),
            "is_scored": self.is_scored,
            "scores": {score_id: str(points) for score_id, points in self.scores.items()},
            "unchanged_since": None if since is None else since.isoformat(),
        }


def open_published(workdir: Workdir, manifest: RunManifest) -> duckdb.DuckDBPyConnection:
    """A connection to the snapshot of a run."""
    return open_snapshot(workdir.runs / manifest.run_id / SNAPSHOT_DATABASE)


def first_recorded_day(connection: duckdb.DuckDBPyConnection) -> date | None:
    """The first day whose scores are recorded; None if the run publishes no history."""
    tables = connection.execute(
        "select count(*) from duckdb_tables() where schema_name = 'marts'"
        " and table_name in ('fct_lead_score_history', 'fct_score_changes')"
    ).fetchall()
    if tables != [(2,)]:
        return None
    rows = connection.execute(f"select min(valid_from) from {_HISTORY}").fetchall()  # noqa: S608
    first: date | None = rows[0][0]
    return first


def refuse_unrecorded_day(connection: duckdb.DuckDBPyConnection, day: date, last: date) -> None:
    """Say which days are recorded; `last` is the published one.

    Raises:
        InputError: the run publishes no history, or the day is before the first or after the last.
    """
    first = first_recorded_day(connection)
    if first is None:
        said = "The published run records no history of scores."
        remedy = "Run `leads build`; from then on every day is recorded."
    elif day < first:
        said = f"No scores are recorded for {day}: the first recorded day is {first}."
        remedy = (
            f"Ask for a day from {first} on, or record earlier ones with"
            f" `leads build --history-from {day}`."
        )
    elif day > last:
        said = f"The published scores are as of {last}, which is before {day}."
        remedy = f"Ask for a day up to {last}."
    else:
        return
    raise InputError(Problem(said, remedy))


def find_recorded_lead(
    connection: duckdb.DuckDBPyConnection, lead_id: str, as_of_date: date
) -> str:
    """The id of a lead that exists or once had a score.

    Raises:
        InputError: there never was such a lead.
    """
    return find_lead_id(connection, _KNOWN_LEADS, lead_id, as_of_date)


def refuse_ended_lead(
    connection: duckdb.DuckDBPyConnection, workdir: Workdir, lead_id: str, since: date
) -> None:
    """Say that a lead is no lead any more, and who took its place where that is known.

    Raises:
        InputError: the lead does not exist on the published day.
    """
    found = connection.execute("select 1 from marts.dim_leads where lead_id = ?", [lead_id])
    if found.fetchone() is not None:
        return
    ended = connection.execute(
        f"select max(valid_to) from {_HISTORY} where lead_id = ?",  # noqa: S608 - a fixed name
        [lead_id],
    ).fetchall()[0][0]
    survivor = _survivor(workdir, lead_id)
    lead, own = shlex.quote(lead_id), "`leads explain {} --as-of DATE`"
    if survivor is None:
        said, remedy = "is no lead any more", "Its scores before that day:"
    else:
        said = f"is part of the lead {shlex.quote(survivor)} now"
        remedy = f"Ask `leads explain {shlex.quote(survivor)} --since {since}`; for its own scores"
    raise InputError(
        Problem(
            f"The lead {lead} {said}; its own scores end with {ended}.",
            f"{remedy} {own.format(lead)}.",
        )
    )


def _survivor(workdir: Workdir, lead_id: str) -> str | None:
    """The lead that a merged record belongs to now, if the build file can tell."""
    try:
        with open_build_file(workdir) as connection:
            rows = connection.execute(
                """
                select lead_id from intermediate.int_record_leads
                where record_id = $lead_id or source_name || ':' || record_id = $lead_id
                order by record_id = $lead_id desc, lead_id
                limit 1
                """,
                {"lead_id": lead_id},
            ).fetchall()
    except (InputError, RunFailed):
        return None
    return None if not rows or rows[0][0] == lead_id else str(rows[0][0])


def read_recorded_day(
    connection: duckdb.DuckDBPyConnection, lead_id: str, day: date
) -> RecordedDay:
    """What is recorded of the lead for that day."""
    rows = connection.execute(_PERIOD, {"lead_id": lead_id, "day": day}).fetchall()
    if not rows:
        return RecordedDay(lead_id, day, {})
    fit, engagement, *others = rows[0]
    return RecordedDay(lead_id, day, {"fit": fit, "engagement": engagement}, *others)
