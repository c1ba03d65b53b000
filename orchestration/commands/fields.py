"""`leads fields`."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.commands import options
from orchestration.commands.outcomes import exit_codes, print_json


def fields_command(
    show_all: Annotated[
        bool, typer.Option("--all", help="Also fields that the source does not fill.")
    ] = False,
    workdir: options.WorkdirOption = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="en|ja", help="Language of the labels. [en]")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """List what can be written as `field` in a condition, how well it is filled, and its values."""
    with exit_codes(as_json=as_json):
        from orchestration.commands.progress import TerminalReporter
        from orchestration.lib.inspection.fields import list_fields
        from orchestration.lib.settings import resolve_settings

        settings = resolve_settings({"workdir": workdir, "language": language})
        reporter = TerminalReporter()
        if reporter.console.is_terminal:
            with reporter:
                reporter.step("Reading the landed tables")
                found = list_fields(settings, lambda table: reporter.advance(0, 0, table))
        else:
            found = list_fields(settings)
        shown = [field for field in found if show_all or field.is_at_hand]
        if as_json:
            print_json({"ok": True, "fields": [field.to_json() for field in shown]})
        else:
            from orchestration.commands.fields_page import print_fields

            print_fields(shown, hidden=len(found) - len(shown), language=settings.language)
