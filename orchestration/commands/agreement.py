"""`leads agreement`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.commands import options
from orchestration.commands.outcomes import exit_codes, print_json


def agreement_command(
    to: Annotated[
        Path, typer.Option("--to", metavar="DIR", help="Folder of the pages. Default: here.")
    ] = Path(),
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="Day. Default: the newest agreement's first."),
    ] = None,
    source: options.Source = None,
    raw_dir: options.RawDir = None,
    rules: options.Rules = None,
    as_json: options.AsJson = False,
) -> None:
    """Write what marketing and sales agreed on as pages in English and Japanese."""
    with exit_codes(as_json=as_json):
        from orchestration.lib.settings import resolve_settings

        settings = resolve_settings({"source": source, "raw_dir": raw_dir, "rules": rules})
        from orchestration.lib.agreement import write_agreement
        from orchestration.lib.builds.rules import check_rules, shipped_texts

        day = None if as_of is None else options.day("--as-of", as_of)
        checked = check_rules(settings)
        files = write_agreement(checked.seed_set, shipped_texts(settings), to, day)
        if as_json:
            print_json({"ok": True, "files": [str(file) for file in files]})
            return
        typer.echo(f"Written: {', '.join(str(file) for file in files)}.")
