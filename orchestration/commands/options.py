"""Options that several commands share. Values stay text: the settings judge them all alike."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer

from orchestration.lib.problems import InputError, Problem

Source = Annotated[
    str | None, typer.Option("--source", metavar="NAME", help="Source, or several with commas.")
]
RawDir = Annotated[
    str | None,
    typer.Option("--raw-dir", metavar="DIR", help="Folder of the raw files. Default: bundled."),
]
Rules = Annotated[
    str | None,
    typer.Option("--rules", metavar="DIR", help="Folder of seeds that replace shipped ones."),
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="Day to score. Default: today."),
]
HistoryFrom = Annotated[
    str | None,
    typer.Option("--history-from", metavar="DATE", help="Fill in the scores of days since then."),
]
WorkdirOption = Annotated[
    str | None,
    typer.Option("--workdir", metavar="DIR", help="Folder of all that is written. Default: clone."),
]
State = Annotated[
    str | None,
    typer.Option("--state", metavar="FILE", help="Read this state, record nothing."),
]
Target = Annotated[
    str | None,
    typer.Option("--target", metavar="NAME", help="Target of dbt. Default: duckdb."),
]
Language = Annotated[
    str | None,
    typer.Option("--language", metavar="en|ja", help="Language of texts. Default: en."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


def day(flag: str, text: str) -> date:
    """The day that a flag names.

    Raises:
        InputError: it is none.
    """
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").date()
    except ValueError:
        raise InputError(
            Problem(f"flag {flag}: this is no day.", "Write it as YYYY-MM-DD.")
        ) from None
