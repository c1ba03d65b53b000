"""Exports that break off: what is said of it, and that none of their runs counts as running."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import duckdb

from orchestration.lib.builds.redaction import redact
from orchestration.lib.builds.unexpected import unexpected_lines
from orchestration.lib.exports.export_state import export_connection
from orchestration.lib.exports.run_log import moment
from orchestration.lib.failures import RunFailed
from orchestration.lib.problems import InputError
from orchestration.lib.settings import Workdir

_INTERRUPTED = "The export was interrupted."


def lines_of(error: Exception) -> list[str]:
    """What went wrong in sentences, without a value of the data."""
    if isinstance(error, InputError):
        return [str(problem).strip() for problem in error.problems]
    if isinstance(error, RunFailed):
        return list(error.lines)
    return unexpected_lines(error, stands="What was accepted until then is recorded.")


@contextmanager
def no_run_stays_open(workdir: Workdir) -> Iterator[None]:
    """Whatever ends the block early, its runs count as failed at once, not with the next export.

    The block holds the lock of the exports and opens its own connection, which may be of no use any
    more when it ends. Where the state cannot be written now, the next export closes the runs.
    """
    try:
        yield
    except BaseException as error:
        if isinstance(error, Exception):
            code, said = "unexpected", " ".join(lines_of(error))
        else:
            code, said = "interrupted", _INTERRUPTED
        with suppress(duckdb.Error, OSError, RunFailed):
            _close_runs(workdir, code, said)
        raise


def _close_runs(workdir: Workdir, code: str, message: str) -> None:
    if not workdir.export_state.is_file():
        return
    with export_connection(workdir, is_read_only=False) as connection:
        connection.execute(
            "update exports.export_runs set outcome = 'failed', stop_code = ?, stop_message = ?,"
            " ended_at = ? where outcome = 'running'",
            [code, redact(message), moment(datetime.now(UTC))],
        )
