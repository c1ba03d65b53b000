"""Why a score moved, and what is recorded of a past day, for a person."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from orchestration.lib.inspection.explain_since import CausePart, Change, ScoreChange
from orchestration.lib.inspection.since_sentences import rule_text, when_text
from orchestration.lib.inspection.texts import Texts, name_of_label


def print_change(
    change: Change, sentences: Sequence[str], texts: Texts, console: Console | None = None
) -> None:
    """Print the sentences, then one table: each score, its causes, and their sum."""
    parts: list[RenderableType] = [Text(f"\n{change.lead_id}", style="bold")]
    parts += [Text(sentence) for sentence in sentences]
    parts += [Text(), _table(change, texts)]
    (console or Console()).print(Group(*parts))


def print_day(sentences: Sequence[str], console: Console | None = None) -> None:
    """Print what is recorded of a day."""
    (console or Console()).print(Group(*(Text(sentence) for sentence in sentences)))


def _table(change: Change, texts: Texts) -> Table:
    has_rules = any(part.rules for score in change.scores for part in score.parts)
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(texts.text("change_column_cause"), overflow="fold")
    table.add_column(texts.text("change_column_when"), overflow="fold")
    if has_rules:
        table.add_column(texts.text("change_column_rules"), overflow="fold", ratio=1)
    table.add_column(texts.text("change_column_points"), justify="right", no_wrap=True)
    days = (texts.day(change.before.day), texts.day(change.after.day))
    for place, score in enumerate(change.scores):
        if place:
            table.add_row()
        _add_bound(table, score, days[0], score.before, texts)
        for part in score.parts:
            _add_part(table, part, texts)
        _add_bound(table, score, days[1], score.after, texts)
    return table


def _add_bound(table: Table, score: ScoreChange, day: str, points: Decimal, texts: Texts) -> None:
    said = texts.text("change_bound", score=name_of_label(score.label), date=day)
    blank = [""] * (len(table.columns) - 2)
    table.add_row(Text(said, style="bold"), *blank, Text(f"{points:.2f}", style="bold"))


def _add_part(table: Table, part: CausePart, texts: Texts) -> None:
    cells: list[RenderableType] = [
        Padding(Text(part.label), (0, 0, 0, 2)),
        Text(when_text(part, texts)),
    ]
    if len(table.columns) > 3:
        cells.append(Text("\n".join(rule_text(rule, texts) for rule in part.rules)))
    table.add_row(*cells, Text(f"{part.points:+.2f}", style="yellow"))
