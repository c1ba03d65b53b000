"""Opening the state file: once at the start of a build, once when it publishes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from orchestration.lib.failures import RunFailed
from orchestration.lib.publishing.sql_text import literal
from orchestration.lib.settings import Settings
from orchestration.lib.state.tables import migrate
from orchestration.lib.state.versions import write_versions
from orchestration.lib.working_database import working_database


def ensure_state(settings: Settings) -> None:
    """Create the state file with all tables, or bring it to the newest version.

    Another file than the workdir's own is only read, and stays as it is.

    Raises:
        RunFailed: the file is open elsewhere, no DuckDB file, or of a newer version.
    """
    if settings.records_state:
        with closing(_open(settings.workdir.state)) as connection:
            migrate(connection)


@contextmanager
def state_transaction(settings: Settings, run_id: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """All that a run records, in one transaction; nothing of it if the block raises.

    The connection is that of `unpublished_transaction`. The run counts as pending until
    `forget_pending_run`.
    """
    with unpublished_transaction(settings) as connection:
        connection.execute("delete from pending_runs")
        connection.execute("insert into pending_runs values (?)", [run_id])
        yield connection


@contextmanager
def unpublished_transaction(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A transaction on the state that belongs to no run yet; nothing of it if the block raises.

    The connection has the state as its default database `state`, the build file as `build` and
    the attached files of `settings` under their names, all but the state only to be read. The
    caller holds the build lock.
    """
    with working_database(settings.workdir.spill) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"attach {literal(settings.workdir.state)} as state")
        connection.execute("use state")
        migrate(connection)
        for name, file in {"build": settings.workdir.database, **settings.attached}.items():
            connection.execute(f'attach {literal(file)} as "{name}" (read_only)')
        connection.begin()
        try:
            yield connection
            write_versions(connection)
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
        connection.execute("checkpoint state")


def pending_run(settings: Settings) -> str | None:
    """The run that was recorded and, as far as the state knows, not served yet."""
    if not (settings.records_state and settings.workdir.state.is_file()):
        return None
    with closing(_open(settings.workdir.state)) as connection:
        row = connection.execute("select max(run_id) from pending_runs").fetchone()
    return None if row is None or row[0] is None else str(row[0])


def forget_pending_run(settings: Settings) -> None:
    """Note that the recorded run is served."""
    if settings.records_state:
        with closing(_open(settings.workdir.state)) as connection:
            connection.execute("delete from pending_runs")


def _open(file: Path) -> duckdb.DuckDBPyConnection:
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        return duckdb.connect(str(file))
    except duckdb.IOException as error:
        if "lock" in str(error):
            raise RunFailed(
                (f"Another program has the state file {file} open.", "Close it, then build again.")
            ) from None
        raise RunFailed(
            (
                f"The state file {file} cannot be opened.",
                "Restore it from a backup; without it, what past builds recorded is lost.",
            )
        ) from error
