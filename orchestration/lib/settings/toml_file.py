"""Reading leads.toml."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from pathlib import Path

from orchestration.lib.problems import InputError, Problem
from orchestration.lib.settings.options import OPTIONS, TABLES

FILE_NAME = "leads.toml"


def find_toml(folders: Iterable[Path]) -> Path | None:
    """The first leads.toml in `folders`."""
    for folder in folders:
        file = folder / FILE_NAME
        if file.is_file():
            return file
    return None


def read_toml(file: Path) -> dict[str, object]:
    """The keys and values of a leads.toml.

    Raises:
        InputError: the file is no TOML, or holds a key that is no option.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            Problem(f"This is no valid TOML: {error}.", "Correct it, or remove it.", str(file))
        ) from None
    known = [*(option.name for option in OPTIONS), *TABLES]
    problems = [
        Problem(f"The key '{key}' is unknown.", _remedy(key, known), str(file))
        for key in content
        if key not in known
    ]
    problems += [
        Problem(f"'{name}' is no table.", f"Write [{name}] on a line of its own.", str(file))
        for name in TABLES
        if not isinstance(content.get(name, {}), dict)
    ]
    if problems:
        raise InputError(problems)
    return dict(content)


def _remedy(key: str, known: list[str]) -> str:
    close = difflib.get_close_matches(key.replace("-", "_").lower(), known, n=1)
    if close:
        return f"Write '{close[0]}'."
    return f"Known keys: {', '.join(known)}."
