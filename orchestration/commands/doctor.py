"""`leads doctor`."""

from __future__ import annotations

import typer

from orchestration.commands import options
from orchestration.commands.outcomes import FAILED, exit_codes, print_json

_MARKS = {"ok": "[green]✓[/green]", "notice": "[yellow]![/yellow]", "problem": "[red]✗[/red]"}


def doctor_command(
    source: options.Source = None,
    raw_dir: options.RawDir = None,
    rules: options.Rules = None,
    workdir: options.WorkdirOption = None,
    target: options.Target = None,
    as_json: options.AsJson = False,
) -> None:
    """Look at machine, settings, sources, rules, exports and what is served; say what to do."""
    with exit_codes(as_json=as_json):
        from orchestration.lib.inspection.doctor import examine

        examination = examine(
            {
                "source": source,
                "raw_dir": raw_dir,
                "rules": rules,
                "workdir": workdir,
                "target": target,
            }
        )
        if as_json:
            print_json(examination.to_json())
        else:
            from rich.console import Console
            from rich.markup import escape
            from rich.table import Table

            console = Console()
            settings = Table(box=None, pad_edge=False, header_style="dim")
            for title in ("setting", "value", "from"):
                settings.add_column(title, overflow="fold")
            for name, value, origin in examination.settings:
                settings.add_row(name, escape(value), escape(origin))
            console.print(settings)
            console.print()
            findings = Table(box=None, pad_edge=False, show_header=False)
            for finding in examination.findings:
                remedy = f"\n[bold]{escape(finding.remedy)}[/bold]" if finding.remedy else ""
                findings.add_row(
                    _MARKS[finding.status], finding.topic, escape(finding.message) + remedy
                )
            console.print(findings)
        if not examination.is_healthy:
            raise typer.Exit(FAILED)
