"""DuckDB inside this process: how much memory it may take, and where the rest goes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

_MOST_GB = 8.0
# The rest is for Python, the system and whoever else works on the machine.
_SHARE_OF_THE_MACHINE = 0.6


def memory_limit() -> str:
    """LEADS_MEMORY_LIMIT, else a share of the machine, in DuckDB's words."""
    return os.environ.get("LEADS_MEMORY_LIMIT") or default_memory_limit()


def default_memory_limit() -> str:
    """The limit where nobody gave one: less on machines with little memory."""
    physical_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return f"{min(_MOST_GB, physical_gb * _SHARE_OF_THE_MACHINE):.1f}GB"


@contextmanager
def working_database(spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database in memory whose times are UTC; files are attached to it.

    `spill` takes what does not fit into memory, and is removed afterwards.
    """
    connection = duckdb.connect(
        config={"temp_directory": str(spill), "memory_limit": memory_limit()}
    )
    try:
        connection.execute("set timezone = 'UTC'")
        yield connection
    finally:
        connection.close()
        shutil.rmtree(spill, ignore_errors=True)
