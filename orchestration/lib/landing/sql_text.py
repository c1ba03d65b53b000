"""Names and texts as SQL writes them."""

from __future__ import annotations

import re
from pathlib import Path


def identifier(name: str) -> str:
    """Quote a name of a column, table or schema."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text."""
    return "'" + text.replace("'", "''") + "'"


def path_literal(path: Path) -> str:
    """Quote the path of one file; DuckDB would read `*`, `?` and `[` in it as a pattern."""
    return literal(re.sub(r"([*?\[])", r"[\1]", str(path)))
