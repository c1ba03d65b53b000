"""`leads seeds`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.commands import options
from orchestration.commands.outcomes import exit_codes, print_json


def seeds_command(
    to_xlsx: Annotated[
        Path | None, typer.Option("--to-xlsx", metavar="FILE", help="Write a workbook.")
    ] = None,
    from_xlsx: Annotated[
        Path | None, typer.Option("--from-xlsx", metavar="FILE", help="Take over a workbook.")
    ] = None,
    source: options.Source = None,
    raw_dir: options.RawDir = None,
    rules: options.Rules = None,
    as_json: options.AsJson = False,
) -> None:
    """Bring the seeds into a workbook, or a workbook back into the seeds, checked on the way."""
    with exit_codes(as_json=as_json):
        if (to_xlsx is None) == (from_xlsx is None):
            raise typer.BadParameter("Give either --to-xlsx or --from-xlsx.")
        from orchestration.lib.settings import resolve_settings

        settings = resolve_settings({"source": source, "raw_dir": raw_dir, "rules": rules})
        from orchestration.lib.builds.workbooks import read_workbook, write_workbook

        if to_xlsx is not None:
            write_workbook(settings, to_xlsx)
            if as_json:
                print_json({"ok": True, "file": str(to_xlsx)})
            else:
                typer.echo(
                    f"{to_xlsx} holds the seeds. Edit, then: leads seeds --from-xlsx {to_xlsx}"
                )
        if from_xlsx is not None:
            changed = read_workbook(settings, from_xlsx)
            if as_json:
                print_json({"ok": True, "changed": changed})
            else:
                said = ", ".join(changed) if changed else "nothing, the workbook says the same"
                typer.echo(f"Changed: {said}.")
