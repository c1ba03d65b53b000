"""The gate before publishing: the finished snapshot against the one that is served."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from orchestration.lib.failures import RunFailed
from orchestration.lib.publishing.manifest import MartContent, RunManifest
from orchestration.lib.publishing.serving import served_manifest
from orchestration.lib.publishing.sql_text import literal
from orchestration.lib.quality.calendar import read_calendar
from orchestration.lib.quality.findings import QualityFinding
from orchestration.lib.quality.gate_measures import Comparison, gate_measures, queue_measures
from orchestration.lib.quality.judging import (
    MACHINE_ERRORS,
    failed_check,
    judge_measures,
    refuse_failed,
)
from orchestration.lib.quality.limits import read_limits
from orchestration.lib.quality.measures import Measure
from orchestration.lib.quality.record import QualityRecord, read_quality, write_quality
from orchestration.lib.settings import Settings

_SERVED = "served"


def check_snapshot(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    contents: Mapping[str, MartContent],
) -> Mapping[str, Any]:
    """Judge the snapshot that `connection` has as its default database.

    Returns:
        What the manifest says of quality: how many checks ran, what was not in order, and the
        profile of the raw data.

    Raises:
        QualityFailed: a check of the snapshot or of its raw data holds the build.
        RunFailed: the raw data of this build were not checked.
    """
    record = read_quality(settings.workdir)
    if record is None:
        raise RunFailed(
            (
                "The raw data of this build were not checked, so it is not published.",
                "Run the whole build: `leads build`.",
            )
        )
    refuse_failed(record.raw)
    served = served_manifest(settings.workdir)
    try:
        measures = _measure(settings, connection, contents, served)
    except MACHINE_ERRORS:
        raise
    except duckdb.Error as error:
        findings: tuple[QualityFinding, ...] = (failed_check("gate", error),)
    else:
        findings = judge_measures(settings, "gate", measures, is_compared=served is not None)
    record = QualityRecord(record.raw, findings, record.profile)
    write_quality(settings.workdir, record)
    refuse_failed(findings)
    return {
        "checks": len(record.findings),
        "findings": [finding.to_json() for finding in record.findings if not finding.is_ok],
        "raw": record.profile,
    }


def _measure(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    contents: Mapping[str, MartContent],
    served: RunManifest | None,
) -> list[Measure]:
    limits, calendar = read_limits(settings), read_calendar(settings)
    measures = queue_measures(connection, limits, contents)
    if served is None:
        return measures
    file = settings.workdir.runs / served.run_id / "leads.duckdb"
    connection.execute(f"attach {literal(file)} as {_SERVED} (read_only)")
    try:
        comparison = Comparison(connection, limits, calendar, contents, served, settings)
        return [*measures, *gate_measures(comparison)]
    finally:
        connection.execute(f"detach {_SERVED}")
