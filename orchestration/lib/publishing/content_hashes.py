"""A hash of what a table says, the same however and whenever it was written."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import duckdb

from orchestration.lib.failures import RunFailed
from orchestration.lib.publishing.sql_text import identifier

BLOCK_ROWS = 100_000
# Blocks of one statement run in parallel; more of them would only cost memory.
BLOCKS_PER_STATEMENT = 16


def content_hash(connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str]) -> str:
    """SHA-256 (hex) over the rows of `table` in the order they are stored in.

    The caller stores rows in key order, so equal content gives equal hashes. Every value counts
    as its text, with its length before it, so that neither an unknown value and an empty text nor
    two neighbouring values can be mistaken for each other. `table` is a quoted name.
    Memory is bounded: rows are hashed in blocks, and only a hash a block leaves DuckDB.
    """
    total = hashlib.sha256("\x1f".join(columns).encode())
    step = BLOCK_ROWS * BLOCKS_PER_STATEMENT
    (row_count,) = connection.execute(f"select count(*) from {table}").fetchone() or (0,)  # noqa: S608
    statement = _block_statement(table, columns)
    hashed = 0
    for start in range(0, row_count, step):
        for block, rows in connection.execute(statement, [start, start + step]).fetchall():
            total.update(block.encode())
            hashed += rows
    if hashed != row_count:
        raise RunFailed(f"{hashed} of {row_count} rows of {table} were read for their hash.")
    return total.hexdigest()


def _block_statement(table: str, columns: Sequence[str]) -> str:
    values = ", ".join(
        f"coalesce(length({text}) || ':' || {text}, '-')"
        for text in (f"cast({identifier(column)} as varchar)" for column in columns)
    )
    return f"""
        select md5(string_agg(row_text, '' order by row_number)), count(*)
        from (
            select rowid as row_number, concat({values}) as row_text
            from {table}
            where rowid >= ? and rowid < ?
        )
        group by row_number // {BLOCK_ROWS}
        order by row_number // {BLOCK_ROWS}
    """  # noqa: S608 - quoted names only
