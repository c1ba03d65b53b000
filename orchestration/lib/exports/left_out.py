# ruff: noqa: S608 - names are quoted by identifier().
"""Which entries a request for some rows leaves out, decided before the first call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from orchestration.lib.exports.desired_rows import SNAPSHOT, ModelColumns
from orchestration.lib.exports.request import ExportRequest
from orchestration.lib.exports.sync import Sync
from orchestration.lib.problems import InputError, Problem
from orchestration.lib.publishing.sql_text import identifier


def files_left_out(syncs: Sequence[Sync], request: ExportRequest) -> dict[str, str]:
    """The entries of files that a request for some rows does not write, each with the reason.

    A dry run writes nothing, so it shows a file that was asked for.

    Raises:
        InputError: such a file was asked for, or there is nothing but files.
    """
    if request.limit is None and request.only is None:
        return {}
    files = [sync for sync in syncs if sync.destination == "file"]
    named = [sync for sync in files if request.wanted in (sync.name, sync.destination)]
    if not files or (request.is_dry_run and (named or len(files) == len(syncs))):
        return {}
    if named or len(files) == len(syncs):
        raise InputError(
            Problem(
                f"--limit and --only: the file of {(named or files)[0].name} is written whole.",
                "Leave them out, or name another destination.",
            )
        )
    flag = "--limit" if request.only is None else "--only"
    said = f"{flag}: a file is written whole, so this one is left as it is."
    return {sync.name: said for sync in files}


def entries_without_lead(
    connection: duckdb.DuckDBPyConnection,
    syncs: Sequence[Sync],
    columns: Mapping[str, ModelColumns],
    lead: str | None,
) -> dict[str, str]:
    """The entries that know no row of the lead or key that was asked for, each with the reason.

    An entry knows what its model has and what it sent before.

    Raises:
        InputError: none of the entries knows it.
    """
    if lead is None:
        return {}
    unknown = [
        sync.name for sync in syncs if not _is_known(connection, sync, columns[sync.name], lead)
    ]
    if len(unknown) == len(syncs):
        said = "; ".join(f"{name} has no row of this lead or key" for name in unknown)
        raise InputError(Problem(f"--only: {said}.", "Look it up with `leads explain`."))
    return dict.fromkeys(unknown, "--only: this entry has no row of this lead or key.")


def _is_known(
    connection: duckdb.DuckDBPyConnection, sync: Sync, columns: ModelColumns, lead: str
) -> bool:
    of_lead = "or cast(lead_id as varchar) = $lead" if columns.has_leads else ""
    found = connection.execute(
        f"""
        select 1 from {SNAPSHOT}.{identifier(sync.model)}
        where cast({identifier(columns.row_key)} as varchar) = $lead {of_lead}
        union all
        select 1 from exports.export_rows
        where sync_name = $sync and (row_key = $lead or lead_id = $lead)
        limit 1
        """,
        {"lead": lead, "sync": sync.name},
    ).fetchone()
    return found is not None
