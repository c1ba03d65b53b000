"""The ledger of a lead, and the verdict on a rule, for a person."""

from __future__ import annotations

from decimal import Decimal

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from orchestration.lib.inspection.explain import (
    Exclusion,
    Grade,
    LeadExplanation,
    RulePoints,
    ScorePoints,
)
from orchestration.lib.inspection.explain_values import (
    AlternativeCheck,
    ConditionCheck,
    EventCounts,
    RuleExplanation,
)
from orchestration.lib.inspection.explain_verdict import (
    condition_text,
    period_text,
    shortened,
    verdict,
)

# From this width on the id of a rule has a column of its own.
_WIDE = 110


def print_lead(lead: LeadExplanation, console: Console | None = None) -> None:
    """Print the head, then one table a score; its sum line is the score."""
    console = console or Console()
    parts: list[RenderableType] = [_head(lead)]
    if lead.exclusion is not None:
        parts.append(_exclusion(lead.exclusion))
    parts += [_score(score, is_wide=console.width >= _WIDE) for score in lead.scores]
    console.print(Group(*parts))


def print_rule(rule: RuleExplanation, console: Console | None = None) -> None:
    """Print the rule, its conditions with the values seen, and the verdict."""
    console = console or Console()
    rows = [
        ("lead", Text(rule.lead_id, style="bold")),
        ("rule", _labelled(rule.label, rule.rule_id)),
        ("points", Text(_points_text(rule))),
        ("in force", _periods(rule)),
        ("as of", Text(str(rule.as_of_date))),
    ]
    parts: list[RenderableType] = [Text(), _pairs(rows)]
    if not rule.is_as_published:
        parts.append(
            Text(
                "\nThis is what the last build says; what is published is another run."
                " Run `leads build` to bring them together.",
                style="yellow",
            )
        )
    if rule.events is not None:
        parts.append(_section("Events", _events(rule.events)))
    parts += [
        _section(_alternative_title(rule, place), _conditions(alternative))
        for place, alternative in enumerate(rule.alternatives, start=1)
        if alternative.conditions
    ]
    if not any(alternative.conditions for alternative in rule.alternatives):
        parts.append(Text("\nThe rule has no conditions.", style="dim"))
    style = "bold green" if rule.given is not None else "bold yellow"
    parts.append(Text(f"\n{verdict(rule)}", style=style))
    console.print(Group(*parts))


def _head(lead: LeadExplanation) -> RenderableType:
    as_of = Text(str(lead.as_of_date))
    if lead.is_provisional:
        as_of.append(" (provisional: the day is still open)", style="yellow")
    as_of.append(f"  run {lead.run_id}", style="dim")
    rows = [("lead", Text(lead.lead_id, style="bold")), ("company", Text(lead.company_name or "–"))]
    rows += [
        ("grade" if len(lead.grades) == 1 else grade.label, _grade(grade)) for grade in lead.grades
    ]
    if lead.scores:
        rows.append(("scores", Text("\n".join(_score_text(score) for score in lead.scores))))
    if lead.reasons:
        rows.append(("why", Text("\n".join(lead.reasons))))
    return Group(Text(), _pairs([*rows, ("as of", as_of)]))


def _exclusion(exclusion: Exclusion) -> Text:
    text = Text("\nNo score: ", style="bold yellow")
    text.append(f"{exclusion.label} ({exclusion.reason}).", style="bold")
    if exclusion.conditions:
        said = "; or ".join(exclusion.conditions)
        text.append(f" exclusions.csv excludes leads where {said}.", style="default")
    return text


def _score(score: ScorePoints, *, is_wide: bool) -> RenderableType:
    rules = [rule for group in score.groups for rule in group.rules]
    has_events = any(rule.last_event_date for rule in rules)
    has_decay = any(rule.decay for rule in rules)
    # The id of a rule has a column of its own where there is room for one.
    has_id_column = is_wide or not has_events
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("group and rule", overflow="fold")
    if has_id_column:
        table.add_column("rule id", style="dim", overflow="fold")
    if has_events:
        table.add_column("count", justify="right", no_wrap=True)
        table.add_column("last day", no_wrap=True)
    table.add_column("points", justify="right", no_wrap=True)
    if has_decay:
        table.add_column("decay", justify="right", no_wrap=True)
    table.add_column("net", justify="right", no_wrap=True)
    blank = [""] * (len(table.columns) - 2)
    for group in score.groups:
        net = Text(f"{group.net}", style="bold")
        table.add_row(Text(group.label, style="bold"), *blank, net)
        for rule in group.rules:
            cells: list[RenderableType] = [_rule_name(rule, has_id=not has_id_column)]
            if has_id_column:
                cells.append(Text(rule.rule_id))
            if has_events:
                is_counted = rule.last_event_date is not None
                cells += (
                    [f"{rule.occurrences}", f"{rule.last_event_date}"] if is_counted else ["", ""]
                )
            cells.append(f"{rule.points}")
            if has_decay:
                cells.append(f"{rule.decay}" if rule.decay else "")
            table.add_row(*cells, f"{rule.net}")
        if group.limit:
            said = Text(f"  {_limit_text('group', group.limit, group.net)}", style="italic")
            table.add_row(said, *blank, _change(group.limit))
    if score.limit:
        said = Text(_limit_text("score", score.limit, score.points), style="italic")
        table.add_row(said, *blank, _change(score.limit))
    total = Text(f"{score.sum_of_lines}", style="bold reverse")
    table.add_row(Text("Sum = score", style="bold"), *blank, total)
    title = score.label if score.band is None else f"{score.label}  (band {score.band})"
    return _section(title, table)


def _rule_name(rule: RulePoints, *, has_id: bool) -> RenderableType:
    name = Text(rule.label)
    if has_id and rule.label != rule.rule_id:
        name.append(f" {rule.rule_id}", style="dim")
    return Padding(name, (0, 0, 0, 2))


def _limit_text(subject: str, change: Decimal, limit: Decimal) -> str:
    return f"limit of the {subject}: {'at most' if change < 0 else 'at least'} {limit}"


def _change(points: Decimal) -> Text:
    return Text(f"{points:+}", style="yellow")


def _score_text(score: ScorePoints) -> str:
    band = "" if score.band is None else f", band {score.band}"
    return f"{score.label}: {score.points}{band}"


def _grade(grade: Grade) -> Text:
    text = Text(grade.grade or "none", style="bold")
    details = [grade.temperature, grade.route and f"route {grade.route}"]
    if grade.priority is not None:
        details.append(f"priority {grade.priority}")
    said = ", ".join(detail for detail in details if detail)
    return text.append(f" ({said})" if said else "", style="default")


def _points_text(rule: RuleExplanation) -> str:
    text = f"{rule.points}"
    if rule.applies_to == "event" and rule.repeat == "each":
        most = "" if rule.max_count is None else f", the most recent {rule.max_count}"
        text += f" for each event{most}"
    elif rule.applies_to == "event":
        text += " once, for the most recent event"
    return f"{text}  (score {rule.score_id}, group {rule.group_id})"


def _periods(rule: RuleExplanation) -> Text:
    text = Text()
    for place, period in enumerate(rule.periods):
        text.append("\n" if place else "")
        text.append(period_text(period), style="" if period.is_in_force else "dim")
        if len(rule.periods) > 1:
            text.append(f", {period.points} points", style="dim")
    if not rule.is_in_force:
        text.append(f"\nnot on {rule.as_of_date}", style="yellow")
    return text


def _events(events: EventCounts) -> RenderableType:
    window = "no limit" if events.window_days is None else f"{events.window_days} days"
    last = "" if events.last_date is None else f", the last on {events.last_date}"
    met = "" if events.last_met_date is None else f", the last on {events.last_met_date}"
    rows = [
        (events.event_type, Text(f"{events.total:,}{last}")),
        (f"in the window ({window})", Text(f"{events.in_window:,}")),
        ("meeting the conditions", Text(f"{events.met:,}{met}")),
        ("needed", Text(f"{events.needed:,}")),
    ]
    if events.later:
        rows.append(("after the as-of day", Text(f"{events.later:,}, not existing yet")))
    if events.unreadable:
        rows.append(("not readable", Text(f"{events.unreadable:,}, see int_rejected_events")))
    return _pairs(rows)


def _alternative_title(rule: RuleExplanation, place: int) -> str:
    if len(rule.alternatives) == 1:
        return "Conditions (all must hold)"
    return f"Alternative {place} of {len(rule.alternatives)} (all of its conditions must hold)"


def _conditions(alternative: AlternativeCheck) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("", no_wrap=True)
    table.add_column("condition", overflow="fold")
    table.add_column("value seen", overflow="fold")
    for condition in alternative.conditions:
        table.add_row(_mark(condition), Text(condition_text(condition)), _seen(condition))
    if alternative.events_met is not None and len(alternative.conditions) > 1:
        table.add_row(
            "", Text("all conditions on events", style="dim"), _met(alternative.events_met)
        )
    return table


def _mark(condition: ConditionCheck) -> Text:
    holds = condition.holds
    if condition.events_met is not None:
        holds = condition.events_met > 0
    if holds is None:
        return Text("–", style="dim")
    return Text("✓", style="green") if holds else Text("✗", style="red")


def _seen(condition: ConditionCheck) -> Text:
    if not condition.is_on_event:
        return Text(shortened(condition.seen or ""))
    if condition.events_met is None:
        return Text("not evaluated", style="dim")
    text = _met(condition.events_met)
    if condition.seen_values:
        values = ", ".join(
            f"{shortened(seen.value)} ({seen.events})" for seen in condition.seen_values
        )
        text.append(f"; seen: {values}", style="dim")
    return text


def _met(events: int) -> Text:
    return Text(f"met by {events:,} event" + ("" if events == 1 else "s"))


def _labelled(label: str, identifier: str) -> Text:
    text = Text(label)
    if label != identifier:
        text.append(f"  {identifier}", style="dim")
    return text


def _pairs(rows: list[tuple[str, Text]]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for title, value in rows:
        table.add_row(title, value)
    return table


def _section(title: str, content: RenderableType) -> Group:
    return Group(Text(f"\n{title}", style="bold"), Padding(content, (0, 0, 0, 2)))
