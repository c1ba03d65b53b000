"""Versions of the tables of the state, so that builds see which of them changed."""

from __future__ import annotations

import duckdb

from orchestration.lib.publishing.sql_text import identifier
from orchestration.lib.versions import hash_rows, write_version

# Of a run no model asks, and which run wrote a row changes with every build.
UNREAD_COLUMNS = frozenset({"run_id"})


def write_versions(connection: duckdb.DuckDBPyConnection) -> None:
    """Write into each table of the default database what its rows are by now."""
    tables = connection.execute(
        "select table_name from duckdb_tables() where database_name = current_database()"
    ).fetchall()
    for (name,) in tables:
        table = identifier(str(name))
        digest = hash_rows(connection, table, is_ordered=False, without=UNREAD_COLUMNS)
        write_version(connection, table, digest)
