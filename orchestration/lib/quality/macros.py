"""Macros of the project as SQL, without dbt.

Raw data are judged before dbt starts, and how a time is read stands in one place: `macros/`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import jinja2.meta


@cache
def macro_sql(project_root: Path, timezone: str, macro: str, *arguments: str) -> str:
    """The SQL that a macro gives for DuckDB; `timezone` is the var of that name.

    Only for macros that put texts together: they may call each other and name vars.
    """
    return str(_Macros(project_root / "macros", timezone).get(macro)(*arguments)).strip()


class _Macros:
    """The macros of a folder, each loaded when it is first named."""

    def __init__(self, folder: Path, timezone: str) -> None:
        self._folder = folder
        self._variables = {"timezone": timezone}
        self._loaded: dict[str, Callable[..., str]] = {}
        self._environment = jinja2.Environment(  # noqa: S701 - SQL, no page
            extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined
        )

    def get(self, name: str) -> Callable[..., str]:
        """The macro of that name, for DuckDB where it is another one there."""
        if name not in self._loaded:
            text = (self._folder / f"{name}.sql").read_text(encoding="utf-8")
            named = jinja2.meta.find_undeclared_variables(self._environment.parse(text))
            names = {"var": self._variables.__getitem__, "return": lambda value: value}
            names |= {other: self.get(other) for other in named - {*names, "adapter"}}
            module: Any = self._environment.from_string(text, globals=names).module
            engines = (f"duckdb__{name}", f"default__{name}", name)
            self._loaded[name] = next(
                getattr(module, engine) for engine in engines if hasattr(module, engine)
            )
        return self._loaded[name]
