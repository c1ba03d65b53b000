"""`leads export`."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.commands import options
from orchestration.commands.outcomes import FAILED, exit_codes, print_json


def export_command(
    destination: Annotated[
        str | None,
        typer.Argument(metavar="[DESTINATION]", help="A destination, or an entry of exports.yml."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be sent; write nothing anywhere.")
    ] = False,
    retry_rejected: Annotated[
        bool, typer.Option("--retry-rejected", help="Try rows again that were rejected before.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, metavar="ROWS", help="Send at most so many.")
    ] = None,
    only: Annotated[
        str | None, typer.Option("--only", metavar="LEAD", help="Send the rows of one lead.")
    ] = None,
    accept: Annotated[
        str | None,
        typer.Option("--accept", metavar="REASON", help="Let limits pass, once; say why."),
    ] = None,
    show_values: Annotated[
        bool, typer.Option("--show-values", help="Show personal values in a dry run, too.")
    ] = False,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="Day for exclusions. Default: today."),
    ] = None,
    set_up: Annotated[
        str | None,
        typer.Option("--set-up", metavar="CRM", help="Show the fields that a CRM lacks."),
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="With --set-up: create them.")] = False,
    rules: Annotated[
        str | None,
        typer.Option(
            "--rules", metavar="DIR", help="With --set-up: other rules than the snapshot's."
        ),
    ] = None,
    workdir: options.WorkdirOption = None,
    language: options.Language = None,
    as_json: options.AsJson = False,
) -> None:
    """Send what changed in the published snapshot to CRM, chat and files."""
    if set_up is not None:
        from orchestration.commands.set_up import set_up_destination

        set_up_destination(
            set_up,
            apply=apply,
            rules=rules,
            workdir=workdir,
            language=language,
            as_json=as_json,
        )
        return
    with exit_codes(as_json=as_json):
        from orchestration.commands.progress import TerminalReporter
        from orchestration.lib.exports.guarded_export import guarded_export
        from orchestration.lib.exports.request import ExportRequest
        from orchestration.lib.problems import InputError, Problem
        from orchestration.lib.settings import resolve_settings

        if accept is not None and not accept.strip():
            raise InputError(
                Problem("flag --accept: the reason is empty.", "Say in a few words why.")
            )
        if rules is not None:
            raise InputError(
                Problem(
                    "flag --rules: an export follows the rules of the published snapshot.",
                    "Remove it; with --set-up it chooses the rules whose options are compared.",
                )
            )
        settings = resolve_settings({"workdir": workdir, "language": language, "as_of": as_of})
        request = ExportRequest(
            wanted=destination,
            is_dry_run=dry_run,
            retry_rejected=retry_rejected,
            limit=limit,
            only=only,
            accept_reason=accept and accept.strip(),
            shows_values=show_values,
        )
        with TerminalReporter() as reporter:
            result = guarded_export(
                settings, request, reporter, say=lambda line: typer.echo(line, err=True)
            )
        if as_json:
            print_json(
                {
                    "ok": result.outcome == "success",
                    "outcome": result.outcome,
                    "syncs": [sync.to_json() for sync in result.syncs],
                }
            )
        else:
            from orchestration.commands.export_page import print_export

            print_export(result)
        if result.outcome != "success":
            raise typer.Exit(FAILED)
