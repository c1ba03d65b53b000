"""The summary at the end of a build, for a person."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from orchestration.lib.builds.build import BuildResult
from orchestration.lib.builds.dbt_failures import rejection_sentence
from orchestration.lib.builds.history_news import HistoryNews
from orchestration.lib.builds.summary import BuildSummary, GradeCount, HotLead
from orchestration.lib.quality.findings import QualityFinding
from orchestration.lib.quality.judging import NOT_COMPARED
from orchestration.lib.settings import Settings

_BAR_WIDTH = 30
_NOTICES_SHOWN = 8


def print_summary(
    settings: Settings, result: BuildResult, summary: BuildSummary, console: Console | None = None
) -> None:
    """Print counts by grade, the hottest leads, what to know, where the files are, what next."""
    console = console or Console()
    parts: list[RenderableType] = [
        _headline(result, summary),
        Text(_history_line(summary.history)),
        Text(_quality_line(result.quality)),
        _section("Leads by grade", _grade_table(summary.grades)),
        _section("The hottest leads", _lead_table(summary.hottest)),
    ]
    if failed := [finding for finding in result.quality if _is_told(finding)]:
        parts.append(_section("Not in order", _list([_told(finding) for finding in failed])))
    known = _what_to_know(summary)
    if known:
        parts.append(_section("Good to know", _list(known)))
    current = _short(settings.workdir.current)
    parts.append(_section(f"Published in {current}", _pairs(_files(result))))
    parts.append(_section("What next", _pairs(_next_steps(settings, summary))))
    console.print(Group(*parts))


def _headline(result: BuildResult, summary: BuildSummary) -> Text:
    manifest = result.manifest
    seconds = sum(result.seconds.values())
    text = Text()
    text.append(f"\n{summary.scored_leads:,} leads scored", style="bold green")
    text.append(f" as of {manifest.as_of_date}")
    if manifest.is_provisional:
        text.append(" (provisional: the day is still open)", style="yellow")
    text.append(f", {summary.ledger_lines:,} ledger lines, in {seconds:.0f} s.")
    return text


def _history_line(history: HistoryNews) -> str:
    if history.first_date is None:
        return "No scores of any day are recorded yet."
    days = "1 day" if history.days == 1 else f"{history.days:,} days"
    line = f"Scores of {days} since {history.first_date} are recorded"
    if history.filled_in:
        line += f", {history.filled_in:,} of them filled in now"
    if history.days == 1:
        return f"{line}."
    leads = "1 lead has" if history.regraded == 1 else f"{history.regraded:,} leads have"
    return f"{line}; {leads} another grade than the day before."


def _quality_line(findings: Sequence[QualityFinding]) -> str:
    """One line on the checks of the data; what is not in order stands in a section of its own."""
    checks = [finding for finding in findings if finding.check_id != NOT_COMPARED]
    if not checks:
        return "The data were not checked."
    failed = sum(_is_told(finding) for finding in checks)
    line = f"{len(checks):,} checks of the data ran, "
    line += "all of them in order" if not failed else f"{failed:,} of them not in order"
    if len(checks) < len(findings):
        line += "; nothing was served before that could be compared with"
    return f"{line}."


def _is_told(finding: QualityFinding) -> bool:
    """Whether a person should read it at the end of a build."""
    return not finding.is_ok and finding.severity != "notice"


def _told(finding: QualityFinding) -> str:
    """A finding in one line."""
    accepted = "accepted: " if finding.is_accepted else ""
    return f"{accepted}{finding.check_id}, {finding.sentence}"


def _section(title: str, content: RenderableType) -> Group:
    return Group(Text(f"\n{title}", style="bold"), Padding(content, (0, 0, 0, 2)))


def _grade_table(grades: tuple[GradeCount, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("grade", "temperature", "route"):
        table.add_column(title)
    table.add_column("leads", justify="right")
    table.add_column("share", justify="right")
    table.add_column("")
    total = sum(grade.leads for grade in grades) or 1
    most = max((grade.leads for grade in grades), default=0) or 1
    for grade in grades:
        width = max(1, round(_BAR_WIDTH * grade.leads / most))
        table.add_row(
            Text(grade.grade or "none", style="bold"),
            Text(grade.temperature or "", style=_style(grade.temperature)),
            grade.route or "",
            f"{grade.leads:,}",
            f"{grade.leads / total:.1%}",
            Text("█" * width, style=_style(grade.temperature)),
        )
    return table


def _lead_table(leads: tuple[HotLead, ...]) -> RenderableType:
    if not leads:
        return Text("No lead was scored.")
    # A long id is cut rather than squeezing the reasons; `leads build --json` has it whole.
    has_companies = any(lead.company for lead in leads)
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("lead", no_wrap=True, overflow="ellipsis", max_width=24)
    if has_companies:
        table.add_column("company", no_wrap=True, overflow="ellipsis", max_width=20)
    table.add_column("grade", no_wrap=True)
    table.add_column("fit", justify="right", no_wrap=True)
    table.add_column("eng.", justify="right", no_wrap=True)
    table.add_column("why", min_width=24)
    for lead in leads:
        table.add_row(
            Text(lead.lead_id, style="bold"),
            *([Text(lead.company or "–")] if has_companies else []),
            lead.grade or "–",
            f"{lead.fit_score:.0f}",
            f"{lead.engagement_score:.0f}",
            Text("; ".join(lead.reasons) or "–"),
        )
    return table


def _what_to_know(summary: BuildSummary) -> list[str]:
    lines = [f"{count:,} leads are not scored: {reason}." for reason, count in summary.excluded]
    lines += [rejection_sentence(rejection) for rejection in summary.rejections]
    lines += summary.notices[:_NOTICES_SHOWN]
    more = len(summary.notices) - _NOTICES_SHOWN
    if more > 0:
        lines.append(f"… and {more} more notices; `leads build --json` lists them all.")
    return lines


def _files(result: BuildResult) -> list[tuple[str, str]]:
    return [
        ("leads.duckdb", "every mart, for DuckDB 1.0 and later"),
        ("*.parquet", f"one file a mart ({len(result.manifest.marts)})"),
        ("manifest.json", f"run {result.manifest.run_id}, row counts, content hashes"),
    ]


def _next_steps(settings: Settings, summary: BuildSummary) -> list[tuple[str, str]]:
    lead = summary.hottest[0].lead_id if summary.hottest else "LEAD"
    # A folder given by a flag has to be given again; one from leads.toml or a variable has not.
    flag = ""
    if settings.origins["workdir"].startswith("flag "):
        flag = f" --workdir {shlex.quote(_short(settings.workdir.root))}"
    return [
        (f"leads explain {shlex.quote(lead)}{flag}", "every point of the first lead above"),
        ("leads check", "after a change of a rule; then build again"),
        (f"leads restore previous{flag}", "serves the run before this one"),
    ]


def _pairs(pairs: list[tuple[str, str]]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, meaning in pairs:
        table.add_row(Text(name, style="bold"), meaning)
    return table


def _list(lines: list[str]) -> Group:
    return Group(*(Text(line) for line in lines))


def _style(temperature: str | None) -> str:
    return {"hot": "red", "warm": "yellow", "cold": "cyan"}.get(temperature or "", "white")


def _short(path: Path) -> str:
    """Relative to the current folder where that is shorter to read."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
