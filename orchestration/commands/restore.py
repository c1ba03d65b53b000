"""`leads restore`."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.commands import options
from orchestration.commands.outcomes import exit_codes, print_json


def restore_command(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="Id of a run, its beginning, or `previous`.")
    ],
    workdir: options.WorkdirOption = None,
    as_json: options.AsJson = False,
) -> None:
    """Serve an earlier published run again; nothing is built."""
    with exit_codes(as_json=as_json):
        from orchestration.lib.publishing.lock import build_lock
        from orchestration.lib.publishing.serving import restore_run, served_run
        from orchestration.lib.settings import resolve_settings

        place = resolve_settings({"workdir": workdir}).workdir
        # A build that ends later would put its own run in place of the restored one.
        with build_lock(place.lock):
            before = served_run(place)
            manifest = restore_run(place, run)
        if as_json:
            print_json({"ok": True, "served": manifest.run_id, "before": before})
            return
        leads = manifest.marts["dim_leads"].row_count
        typer.echo(f"Now served: {manifest.run_id}, as of {manifest.as_of_date}, {leads:,} leads.")
        if before and before != manifest.run_id:
            typer.echo(f"Back again with: leads restore {before}")
        typer.echo("The next `leads build` publishes a new run in its place.")
