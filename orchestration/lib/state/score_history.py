"""Recording the scores of a build, and reading which days are recorded."""

from __future__ import annotations

from contextlib import closing
from datetime import date

import duckdb

from orchestration.lib.settings import Settings
from orchestration.lib.state.handoffs import record_handoffs

_DAYS = "build.intermediate.int_history_days"
_SCORES = (
    "lead_id",
    "valid_from",
    "is_scored",
    "fit_score",
    "engagement_score",
    "fit_band",
    "engagement_band",
    "grade",
    "temperature",
    "route",
    "priority",
    "other_scores",
    "rule_set_id",
    "origin",
)
_CHANGES = ("changed_date", "lead_id", "score_id", "cause", "points")
_POINTS = ("as_of_date", "lead_id", "score_id", "rule_id", "points")
_SEEN = ("as_of_date", "kind", "rule_id", "definition_hash")

_NEW_DAYS = f"select as_of_date from {_DAYS} where not is_recorded and not is_current"  # noqa: S608
_CURRENT_DAY = f"select as_of_date from {_DAYS} where is_current and not is_recorded"  # noqa: S608
_PREVIOUS_DAY = f"select coalesce(previous_date, as_of_date) from {_DAYS} where is_current"  # noqa: S608
_EXPLAINED_DAYS = "select as_of_date from build.intermediate.int_explained_days"


def record_past_days(connection: duckdb.DuckDBPyConnection, run_id: str) -> None:
    """Record the past days that the build file holds and nobody recorded yet.

    `connection` is that of a state transaction. What is recorded stays, but for the causes of
    changes on a day that has another one before it now.
    """
    _record_days(connection, _NEW_DAYS, "back_filled", run_id)
    explained = f"({_EXPLAINED_DAYS} except select as_of_date from {_DAYS} where is_current)"  # noqa: S608
    _record(connection, explained, run_id)
    record_handoffs(connection, run_id, _NEW_DAYS)


def record_score_history(connection: duckdb.DuckDBPyConnection, run_id: str) -> None:
    """Record all days of the build: scores, changes, and with what a later build compares.

    `connection` is that of a state transaction. The day of the build is open, so that a further
    build of it begins anew; days before it are closed, and their scores never change again.
    """
    for table, column in (
        ("published_days", "as_of_date"),
        ("published_scores", "valid_from"),
        ("published_points", "as_of_date"),
        ("rules_seen", "as_of_date"),
    ):
        connection.execute(f"delete from {table} where {column} in ({_CURRENT_DAY})")  # noqa: S608
    connection.execute(
        "update published_days set is_closed = true where not is_closed"  # noqa: S608
        f" and as_of_date < (select max(as_of_date) from {_DAYS})"
    )
    _record_days(connection, _NEW_DAYS, "back_filled", run_id)
    _record_days(connection, _CURRENT_DAY, "published", run_id)
    _record(connection, f"({_EXPLAINED_DAYS})", run_id)
    for table, model, columns in (
        ("published_points", "int_points_to_record", _POINTS),
        ("rules_seen", "int_definitions_to_record", _SEEN),
    ):
        connection.execute(f"delete from {table} where as_of_date < ({_PREVIOUS_DAY})")  # noqa: S608
        _insert(connection, table, model, columns, run_id)
    record_handoffs(connection, run_id)


def _record_days(
    connection: duckdb.DuckDBPyConnection, days: str, origin: str, run_id: str
) -> None:
    connection.execute(
        "insert into published_days (as_of_date, origin, rule_set_id, run_id, is_closed)"  # noqa: S608
        " select days.as_of_date, ?, rule_set.rule_set_id, ?, ?"
        f" from ({days}) as days cross join build.intermediate.int_rule_set as rule_set"
        " order by days.as_of_date",
        [origin, run_id, origin == "back_filled"],
    )


def _record(connection: duckdb.DuckDBPyConnection, days: str, run_id: str) -> None:
    """Scores and changes of some explained days."""
    connection.execute(f"delete from score_changes where changed_date in {days}")  # noqa: S608
    _insert(connection, "score_changes", "int_score_change_parts", _CHANGES, run_id, days)
    _insert(connection, "published_scores", "int_score_periods", _SCORES, run_id, days)


def _insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    model: str,
    columns: tuple[str, ...],
    run_id: str,
    days: str | None = None,
) -> None:
    names = ", ".join(columns)
    day = "changed_date" if "changed_date" in columns else "valid_from"
    condition = "" if days is None else f" where {day} in {days}"
    connection.execute(
        f"insert into {table} ({names}, run_id)"  # noqa: S608 - names of this module
        f" select {names}, ? from build.intermediate.{model}{condition} order by all",
        [run_id],
    )


def recorded_days(settings: Settings) -> dict[date, bool]:
    """Days whose scores are recorded, and whether each is closed."""
    if not settings.state.is_file():
        return {}
    with closing(duckdb.connect(str(settings.state), read_only=True)) as connection:
        if not connection.execute(
            "select 1 from duckdb_tables() where table_name = 'published_days'"
        ).fetchall():
            return {}
        rows = connection.execute("select as_of_date, is_closed from published_days").fetchall()
    return dict(rows)
