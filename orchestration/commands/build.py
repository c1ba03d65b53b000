"""`leads build`."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.commands import options
from orchestration.commands.outcomes import exit_codes, print_json


def build_command(
    source: options.Source = None,
    raw_dir: options.RawDir = None,
    rules: options.Rules = None,
    as_of: options.AsOf = None,
    history_from: options.HistoryFrom = None,
    workdir: options.WorkdirOption = None,
    state: options.State = None,
    target: options.Target = None,
    sample: Annotated[
        str | None,
        typer.Option("--sample", metavar="PERCENT", help="Build this share of the leads. [100]"),
    ] = None,
    language: options.Language = None,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Build every table from nothing.")
    ] = False,
    accept: Annotated[
        str | None,
        typer.Option("--accept", metavar="REASON", help="Publish a held build, once; say why."),
    ] = None,
    wait: Annotated[
        str | None,
        typer.Option("--wait", metavar="SECONDS", help="Wait for another build to end. [0]"),
    ] = None,
    time_limit: Annotated[
        str | None,
        typer.Option("--time-limit", metavar="MINUTES", help="End a build that takes longer."),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Land the raw files, build and test every table, publish the marts."""
    with exit_codes(as_json=as_json):
        from orchestration.commands.progress import TerminalReporter
        from orchestration.lib.settings import resolve_settings

        settings = resolve_settings(
            {
                "source": source,
                "raw_dir": raw_dir,
                "rules": rules,
                "as_of": as_of,
                "history_from": history_from,
                "workdir": workdir,
                "state": state,
                "target": target,
                "sample": sample,
                "language": language,
                "full_refresh": full_refresh or None,
                "wait": wait,
                "time_limit": time_limit,
            },
            accept_reason=accept,
        )
        from orchestration.lib.builds.guarded_build import guarded_build
        from orchestration.lib.builds.summary import summarize

        with TerminalReporter() as reporter:
            result = guarded_build(settings, reporter, say=lambda line: typer.echo(line, err=True))
        summary = summarize(result, settings.language)
        if as_json:
            print_json(
                {
                    "ok": True,
                    "folder": str(result.folder),
                    "manifest": result.manifest.to_json(),
                    "summary": summary.to_json(),
                    "quality": [finding.to_json() for finding in result.quality],
                    "seconds": result.seconds,
                }
            )
        else:
            from orchestration.commands.summary_page import print_summary

            print_summary(settings, result, summary)
