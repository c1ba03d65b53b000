"""Validity of regular expressions, asked of the engine that will run them."""

from __future__ import annotations

from collections.abc import Sequence

_QUERY = """
    select pattern
    from (select unnest(?) as pattern)
    where try(regexp_matches('', pattern)) is null
"""


def invalid_patterns(patterns: Sequence[str]) -> frozenset[str]:
    """Those of the patterns that are no valid RE2 pattern."""
    if not patterns:
        return frozenset()
    import duckdb

    with duckdb.connect() as connection:
        rows = connection.execute(_QUERY, [sorted(set(patterns))]).fetchall()
    return frozenset(row[0] for row in rows)
