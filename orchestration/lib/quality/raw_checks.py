"""The checks of raw data, right after they landed and before anything is built of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import duckdb

from orchestration.lib.publishing.manifest import RunManifest
from orchestration.lib.publishing.serving import served_manifest
from orchestration.lib.publishing.sql_text import literal
from orchestration.lib.quality.calendar import Calendar, read_calendar
from orchestration.lib.quality.checked_tables import CheckedTable, read_checked_tables
from orchestration.lib.quality.findings import QualityFinding
from orchestration.lib.quality.judging import (
    MACHINE_ERRORS,
    failed_check,
    judge_measures,
    refuse_failed,
)
from orchestration.lib.quality.limits import read_limits
from orchestration.lib.quality.measures import Measure
from orchestration.lib.quality.raw_contents import hour_measures, share_measures, type_measures
from orchestration.lib.quality.raw_drift import drift_measures
from orchestration.lib.quality.raw_moments import write_moments
from orchestration.lib.quality.raw_profile import RawProfile, profile_from_json, profile_tables
from orchestration.lib.quality.raw_volumes import (
    NewDays,
    day_measures,
    missed_day_measures,
    past_row_measures,
)
from orchestration.lib.quality.record import QualityRecord, forget_quality, write_quality
from orchestration.lib.settings import Settings
from orchestration.lib.working_database import working_database

# Days that are judged at most where nothing was built for long, and days before them that are read.
_MOST_NEW_DAYS = 92
_DAYS_READ = 280


def check_raw(settings: Settings) -> tuple[QualityFinding, ...]:
    """Judge the raw tables, and keep what was found for the gate and for the builds that follow.

    They are compared with their own past and with what the served build saw of them; where nothing
    is served, relative limits are only told. No other connection to the build file is open.

    Raises:
        QualityFailed: a finding holds the build.
    """
    forget_quality(settings.workdir)
    try:
        served = served_profile(served_manifest(settings.workdir))
        profile, measures = measure_raw(settings, served)
    except MACHINE_ERRORS:
        raise
    except duckdb.Error as error:
        findings: tuple[QualityFinding, ...] = (failed_check("raw", error),)
        write_quality(settings.workdir, QualityRecord(findings))
        refuse_failed(findings)
        raise
    findings = judge_measures(settings, "raw", measures, is_compared=served is not None)
    write_quality(settings.workdir, QualityRecord(findings, profile=profile.to_json()))
    refuse_failed(findings)
    return findings


def measure_raw(settings: Settings, served: RawProfile | None) -> tuple[RawProfile, list[Measure]]:
    """The profile of the raw tables, and what the checks measure of them.

    `served` is that of the served run, None where nothing is served.
    """
    limits, calendar = read_limits(settings), read_calendar(settings)
    days = new_days(settings, served)
    # What is dated after the as-of day is no fault in a replay of a past day.
    latest_day = max(settings.run_date, settings.as_of_date)
    with _connection(settings) as connection:
        tables = read_checked_tables(connection, settings)
        calendar.write_days(connection, days.first - timedelta(days=_DAYS_READ), days.last)
        _write_planned_days(connection, calendar, tables, days)
        write_moments(connection, settings, tables)
        profiles = profile_tables(connection, settings, tables, latest_day)
        missed = missed_day_measures(connection, limits, calendar, days, served)
        measures = [
            *day_measures(connection, limits, calendar, days),
            *missed,
            *share_measures(limits, tables, profiles, served),
            *type_measures(connection, limits, profiles, served, days),
            *hour_measures(connection, limits, profiles, served, days),
        ]
        if served is not None:
            measures += past_row_measures(
                connection, limits, calendar, tables, profiles, served, days
            )
            measures += drift_measures(limits, profiles, served)
    missed_days = {entry.subject: int(entry.value) for entry in missed}
    as_of, is_open = settings.as_of_date, settings.is_provisional
    return RawProfile(as_of, is_open, profiles, missed_days), measures


def served_profile(manifest: RunManifest | None) -> RawProfile | None:
    """What the served run saw of the raw data; None where nothing is served, or without checks."""
    return None if manifest is None else profile_from_json(manifest.quality.get("raw", {}))


def new_days(settings: Settings, served: RawProfile | None) -> NewDays:
    """The days that the served build has not judged as closed ones.

    Without one that is the last closed day; a day that was open then is judged again.
    """
    last, is_open = settings.as_of_date, settings.is_provisional
    if served is None:
        return NewDays(last - timedelta(days=1) if is_open else last, last, is_open, None)
    judged = served.as_of_date - timedelta(days=1) if served.is_provisional else served.as_of_date
    first = min(judged + timedelta(days=1), last)
    earliest = last - timedelta(days=_MOST_NEW_DAYS - 1)
    return NewDays(max(first, earliest), last, is_open, (last - served.as_of_date).days)


@contextmanager
def _connection(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory with the build file and the attached files, only to be read."""
    with working_database(settings.workdir.spill) as connection:
        connection.execute("set preserve_insertion_order = false")
        for name, file in {"build": settings.workdir.database, **settings.attached}.items():
            connection.execute(f'attach {literal(file)} as "{name}" (read_only)')
        yield connection


def _write_planned_days(
    connection: duckdb.DuckDBPyConnection,
    calendar: Calendar,
    tables: list[CheckedTable],
    days: NewDays,
) -> None:
    """Create the temp table `planned_days` (day, table_id) of days that tell nothing of others."""
    connection.execute("create or replace temp table planned_days (day date, table_id varchar)")
    earliest = days.first - timedelta(days=_DAYS_READ)
    rows = {
        (day, table.table_id)
        for event in calendar.planned
        for day in _each_day(max(event.first, earliest), min(event.last, days.last))
        for table in tables
        if event.table in (None, table.table_id)
    }
    if rows:
        connection.executemany("insert into planned_days values (?, ?)", sorted(rows))


def _each_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]
