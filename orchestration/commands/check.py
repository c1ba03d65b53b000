"""`leads check`."""

from __future__ import annotations

from orchestration.commands import options
from orchestration.commands.outcomes import exit_codes, print_json


def check_command(
    source: options.Source = None,
    raw_dir: options.RawDir = None,
    rules: options.Rules = None,
    workdir: options.WorkdirOption = None,
    as_json: options.AsJson = False,
) -> None:
    """Check the seeds without building anything; every mistake with its place and remedy."""
    with exit_codes(as_json=as_json):
        from orchestration.lib.settings import resolve_settings

        settings = resolve_settings(
            {"source": source, "raw_dir": raw_dir, "rules": rules, "workdir": workdir}
        )
        from orchestration.lib.builds.idle_rules import idle_rules_notice
        from orchestration.lib.builds.rules import check_rules

        checked = check_rules(settings)
        idle = idle_rules_notice(settings)
        notices = (*checked.notices, *(() if idle is None else (idle,)))
        if as_json:
            print_json({"ok": True, "notices": [str(notice) for notice in notices]})
            return
        import typer

        for notice in notices:
            typer.echo(f"Notice: {notice}")
        where = "the shipped seeds" if settings.rules_dir is None else str(settings.rules_dir)
        counted = f"{len(notices)} notice{'' if len(notices) == 1 else 's'}"
        typer.echo(f"The rules are in order ({where}; {counted}).")
