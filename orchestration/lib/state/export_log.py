"""Copying what exports recorded into the state, where models can read it.

Exports keep a file of their own that they hold open while they send. A build that attached it would
wait for them, and they for it.
"""

from __future__ import annotations

from contextlib import closing

import duckdb

from orchestration.lib.publishing.sql_text import literal
from orchestration.lib.settings import Settings
from orchestration.lib.state.versions import UNREAD_COLUMNS
from orchestration.lib.versions import hash_rows, write_version

_RUNS = (
    "export_run_id",
    "sync_name",
    "destination",
    "object_name",
    "snapshot_run_id",
    "outcome",
    "stop_code",
    "row_count",
    "created_count",
    "updated_count",
    "cleared_count",
    "deleted_count",
    "unchanged_count",
    "invalid_count",
    "suppressed_count",
    "rejected_count",
    "deferred_count",
    "backlog_count",
    "started_at",
    "ended_at",
)
_NAMES = ", ".join(_RUNS)
_BACKLOG = """
    select
        sync_name, destination, object_name,
        case status when 'sending' then 'pending' else status end as status,
        last_error_code as error_code, count(*) as row_count, max(attempts) as attempt_count,
        min(coalesce(first_due_at, timestamp '1970-01-01')) as first_due_at
    from log.export_rows
    where status not in ('acked', 'idle')
    group by all
"""


def copy_export_log(settings: Settings) -> bool:
    """Bring runs and backlog of the exports into the state; False where they cannot be read.

    While an export runs, the state keeps what it had; the next build brings the rest. The caller
    holds the build lock, and the state is of the newest version.
    """
    file = settings.workdir.export_state
    if not (settings.records_state and file.is_file()):
        return False
    with closing(duckdb.connect(str(settings.workdir.state))) as connection:
        try:
            connection.execute(f"attach {literal(file)} as log (read_only)")
            connection.begin()
            connection.execute(
                f"insert into export_runs ({_NAMES}) select {_NAMES} from log.export_runs as runs"  # noqa: S608
                " where ended_at is not null and not exists (select 1 from export_runs as known"
                " where known.export_run_id = runs.export_run_id"
                " and known.sync_name = runs.sync_name) order by all"
            )
            connection.execute("delete from export_backlog")
            connection.execute(
                f"insert into export_backlog by name select * from ({_BACKLOG}) order by all"  # noqa: S608
            )
        except (duckdb.IOException, duckdb.CatalogException):
            return False
        for table in ("export_runs", "export_backlog"):
            digest = hash_rows(connection, table, is_ordered=False, without=UNREAD_COLUMNS)
            write_version(connection, table, digest)
        connection.commit()
    return True
