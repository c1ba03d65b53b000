"""The list of fields, for a person."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from orchestration.lib.inspection.fields import Field

# From this width on a field has its label in a column of its own.
_WIDE = 110


def print_fields(
    fields: Sequence[Field], *, hidden: int, language: str, console: Console | None = None
) -> None:
    """Print attributes of leads, then properties of events, those that rules use first."""
    console = console or Console()
    is_wide = console.width >= _WIDE
    leads = [field for field in fields if not field.is_on_event]
    events = [field for field in fields if field.is_on_event]
    parts: list[RenderableType] = []
    for title, part in (
        ("Attributes of leads", leads),
        ("Properties of events (in rules on events only)", events),
    ):
        if part:
            parts.append(Text(f"\n{title}", style="bold"))
            table = _table(part, language, is_wide=is_wide)
            parts.append(Padding(table, (0, 0, 0, 2)))
    if hidden:
        said = (
            f"\n{hidden} more fields are known that the source does not fill: `leads fields --all`."
        )
        parts.append(Text(said, style="dim"))
    console.print(Group(*parts))


def _table(fields: Sequence[Field], language: str, *, is_wide: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("field", overflow="fold", style="bold", min_width=20)
    if is_wide:
        table.add_column("label", overflow="fold", ratio=2)
        table.add_column("kind", no_wrap=True)
    table.add_column("type", no_wrap=True)
    table.add_column("filled", justify="right", no_wrap=True)
    table.add_column("rules", justify="right", no_wrap=True)
    table.add_column("frequent values (rows)", overflow="fold", ratio=3)
    for field in fields:
        label = field.label_ja if language == "ja" else field.label_en
        wide = [Text(label), Text(field.kind)] if is_wide else []
        table.add_row(
            Text(field.name),
            *wide,
            Text(field.value_type),
            _filled(field),
            str(field.rules) if field.rules else Text("–", style="dim"),
            _values(field),
        )
    return table


def _filled(field: Field) -> Text:
    if field.filling is None:
        return Text("no column", style="dim")
    style = "" if field.filling.known_rows else "yellow"
    return Text(f"{field.filling.known_share:.1%}", style=style)


def _values(field: Field) -> Text:
    if not field.is_allowed_in_rules:
        return Text("computed from scores: not for scoring rules", style="dim")
    filling = field.filling
    if filling is None or not filling.known_rows:
        return Text("")
    if field.is_personal:
        return Text("(personal)", style="dim")
    if filling.frequent_values:
        return Text(", ".join(f"{each.value} ({each.rows:,})" for each in filling.frequent_values))
    said = (
        "1 value" if filling.distinct_values == 1 else f"about {filling.distinct_values:,} values"
    )
    if field.has_range:
        said += f", {filling.lowest:g} to {filling.highest:g}"
    return Text(said, style="dim")
