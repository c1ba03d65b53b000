"""Opening the build file to look into it, between two builds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from orchestration.lib.failures import RunFailed
from orchestration.lib.problems import InputError, Problem
from orchestration.lib.publishing.lock import is_locked, lock_holder
from orchestration.lib.publishing.serving import open_snapshot
from orchestration.lib.settings import Workdir

if TYPE_CHECKING:
    import duckdb


@contextmanager
def open_build_file(workdir: Workdir) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that can change nothing. Hold it briefly: it keeps a build from starting.

    Raises:
        InputError: nothing has been built yet.
        RunFailed: a build runs, or the last one did not get to the tables that are asked for.
    """
    if not workdir.database.is_file():
        raise InputError(
            Problem(
                f"Nothing has been built yet: there is no {workdir.database}.",
                "Run `leads build`, or name the folder of your build with --workdir.",
            )
        )
    if is_locked(workdir.lock):
        raise RunFailed(
            (
                f"A build runs in this working folder ({lock_holder(workdir.lock)})"
                " and holds the build file.",
                "Ask again when it has ended.",
            )
        )
    import duckdb

    try:
        connection = open_snapshot(workdir.database)
    except duckdb.IOException:
        raise RunFailed(
            (
                f"Another program has the build file {workdir.database} open for writing.",
                "Close it, then ask again.",
            )
        ) from None
    except duckdb.Error:
        raise RunFailed(_UNFINISHED) from None
    try:
        yield connection
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise RunFailed(_UNFINISHED) from error
    finally:
        connection.close()


_UNFINISHED = (
    "The last build did not finish, so its tables do not tell the whole story.",
    "Run `leads build`; `leads explain LEAD` without --rule reads what is published.",
)
