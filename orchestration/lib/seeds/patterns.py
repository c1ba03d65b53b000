"""Validity of regular expressions, asked of the engine that will run them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

_QUERY = """
    select pattern
    from (select unnest(?) as pattern)
    where try(regexp_matches('', pattern)) is null
"""


def invalid_patterns(patterns: Iterable[str]) -> frozenset[str]:
    """Those of the patterns that are no valid RE2 pattern."""
    return _invalid(tuple(sorted(set(patterns))))


@cache
def _invalid(patterns: tuple[str, ...]) -> frozenset[str]:
    if not patterns:
        return frozenset()
    import duckdb

    with duckdb.connect() as connection:
        rows = connection.execute(_QUERY, [list(patterns)]).fetchall()
    return frozenset(row[0] for row in rows)
