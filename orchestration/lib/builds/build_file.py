"""The file that is being built."""

from __future__ import annotations

from pathlib import Path

import duckdb
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_fixed

from orchestration.lib.failures import RunFailed

# A look into the file by hand, or a backup of it, is over soon.
PATIENCE_SECONDS = 10.0


def open_build_file(database: Path) -> duckdb.DuckDBPyConnection:
    """Open the build file, made if there is none; waits a little for others to close it.

    Raises:
        RunFailed: another program keeps it open.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    attempts = Retrying(
        retry=retry_if_exception(_is_locked),
        stop=stop_after_delay(PATIENCE_SECONDS),
        wait=wait_fixed(0.5),
        reraise=True,
    )
    try:
        return attempts(duckdb.connect, str(database))
    except duckdb.IOException as error:
        if not _is_locked(error):
            raise
        raise RunFailed(
            (
                f"Another program has the build file {database} open.",
                "Close it; published/current is there for reading at any time.",
            )
        ) from None


def _is_locked(error: BaseException) -> bool:
    return isinstance(error, duckdb.IOException) and "lock" in str(error)
