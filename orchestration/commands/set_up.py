"""What `leads export --set-up` does and prints."""

from __future__ import annotations

import os

import typer

from orchestration.commands.outcomes import FAILED, exit_codes, print_json
from orchestration.lib.problems import InputError, Problem

_MARKS = {"same": "=", "differs": "!", "add_options": "+", "create": "+", "create_group": "+"}
_WORDS = {
    "same": "is there",
    "differs": "differs",
    "add_options": "options to add",
    "create": "to create",
    "create_group": "group to create",
}


def set_up_destination(
    destination: str,
    *,
    apply: bool,
    rules: str | None = None,
    workdir: str | None = None,
    language: str | None = None,
    as_json: bool = False,
) -> None:
    """Show what the destination lacks for the exports; with `apply` create it.

    Options come from `rules`, else from the rules of the published snapshot.
    """
    with exit_codes(as_json=as_json):
        from orchestration.lib.exports.hubspot.set_up import set_up_hubspot
        from orchestration.lib.exports.snapshot_settings import with_rules_of_snapshot
        from orchestration.lib.publishing.serving import served_manifest
        from orchestration.lib.settings import resolve_settings

        if destination != "hubspot":
            raise InputError(
                Problem(
                    f"there is no set-up for {destination}.",
                    "Write --set-up hubspot; fields of other systems are created there.",
                )
            )
        settings = resolve_settings({"rules": rules, "workdir": workdir, "language": language})
        # The options that exports will send are those of the snapshot's rules, not of these here.
        if rules is None and (manifest := served_manifest(settings.workdir)) is not None:
            settings = with_rules_of_snapshot(settings, manifest)
        done = set_up_hubspot(settings, os.environ, apply=apply)
        if as_json:
            steps = [step.to_json() for step in done.steps]
            print_json({"ok": done.is_ready, "applied": apply, "steps": steps})
        else:
            for step in done.steps:
                word = _WORDS[step.action]
                if apply:
                    word = word.replace("to create", "created").replace("to add", "added")
                place = f"{step.object_name}.{step.name}"
                typer.echo(f"{_MARKS[step.action]} {place}: {word}: {step.detail}")
            count = len(done.changes)
            if not count:
                typer.echo("Nothing to create.")
            elif apply:
                typer.echo(f"{count} changes made.")
            else:
                typer.echo(f"{count} changes; nothing was changed yet. Make them with --apply.")
        if not done.is_ready:
            raise typer.Exit(FAILED)
