"""Which sources a build file was last built from, for whoever runs dbt without naming any."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb


def record_built_sources(connection: duckdb.DuckDBPyConnection, sources: Sequence[str]) -> None:
    """Write down the sources of a build in their order, which decides whose ids stand as they are.

    The macro `enabled_sources` reads the table. Raw tables of other sources may still stand in the
    file from an earlier build; those of a source that is read in place stand elsewhere.
    """
    connection.begin()
    try:
        connection.execute("create schema if not exists meta")
        connection.execute(
            "create or replace table meta.built_sources as"
            " select unnest($1::varchar[]) as source_name,"
            " unnest(range(1, len($1::varchar[]) + 1)) as source_position",
            [list(sources)],
        )
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
