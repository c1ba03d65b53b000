"""Versions of tables: equal versions mean equal content.

A table says its version itself, in its comment, so that whatever replaces or drops the table takes
the version with it. dbt's macro `collect_versions` reads the same comments.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection

import duckdb

from orchestration.lib.publishing.sql_text import identifiers

# As in the macros `collect_versions` and `stamp_version`: mark, what it was made of, version.
MARK = "leads_version"
# The same limit as in the macro `stamp_version`: the content of larger tables is not read for it.
MOST_HASHED_ROWS = 200_000


def write_version(connection: duckdb.DuckDBPyConnection, table: str, version: str) -> None:
    """Give `table` (a quoted name) a version, in the transaction that wrote its rows."""
    connection.execute(f"comment on table {table} is '{MARK} - {version}'")


def hash_rows(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    *,
    is_ordered: bool,
    without: Collection[str] = (),
) -> str:
    """A hash of columns and rows of `table` (a quoted name).

    Args:
        connection: the connection.
        table: quoted name.
        is_ordered: whether the place of a row in the table (`rowid`) counts.
        without: names of columns that play no part.
    """
    columns = [
        (name, str(kind))
        for name, kind, *_ in connection.execute(f"describe {table}").fetchall()
        if name not in without
    ]
    names = identifiers([name for name, _ in columns])
    place = ", rowid" if is_ordered else ""
    sums = connection.execute(
        f"""
        select
            count(*),
            cast(sum(hash(row_hash{place})) as varchar),
            cast(sum(hash(row_hash{place}, 1)) as varchar)
        from (select hash(row({names})) as row_hash{place} from {table})
        """  # noqa: S608 - a quoted name
    ).fetchall()
    return hashlib.sha256(repr((columns, sums)).encode()).hexdigest()
