"""Names and texts as SQL writes them."""

from __future__ import annotations

from pathlib import Path


def identifier(name: str) -> str:
    """Quote a name of a column, table or schema."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text."""
    return "'" + text.replace("'", "''") + "'"


def path_literal(path: Path) -> str:
    """Quote the path of an existing file; DuckDB takes only other paths for patterns."""
    return literal(str(path))
