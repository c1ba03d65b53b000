"""What an export did or would do, for a person."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from orchestration.lib.exports.results import ExportResult, RowChange, SyncResult

_ACTIONS = {
    "create": "to create",
    "update": "to update",
    "clear": "to clear",
    "delete": "to delete",
    "unchanged": "unchanged",
    "unneeded": "excluded, never sent",
    "suppressed": "suppressed",
    "invalid": "invalid",
    "rejected_before": "rejected before",
    "waiting": "put off",
    "skipped": "taken as done",
    "gone": "gone",
}
_SENT = {
    "created_count": "created",
    "updated_count": "updated",
    "cleared_count": "cleared",
    "deleted_count": "removed",
    "rejected_count": "rejected",
    "deferred_count": "put off",
}
_STYLES = {"success": "bold green", "partial": "bold yellow", "failed": "bold red"}
_INVALID = {
    "match_value_missing": "the value to match by is missing",
    "match_value_repeated": "several rows have the same value to match by",
    "row_key_repeated": "the key of the model stands twice",
}


def print_export(result: ExportResult, console: Console | None = None) -> None:
    """Print one part a sync: outcome, counts, what to know, and for a dry run the changes."""
    console = console or Console()
    parts: list[RenderableType] = []
    for sync in result.syncs:
        parts.append(_headline(sync))
        parts.append(Padding(_body(sync), (0, 0, 0, 2)))
    console.print(Group(*parts))


def _headline(sync: SyncResult) -> Text:
    text = Text("\n")
    text.append(sync.sync, style="bold")
    text.append(f" ({sync.destination} {sync.object_name}): ")
    if sync.is_left_out:
        text.append("left out", style="dim")
        return text
    said = "would be sent" if sync.is_dry_run else sync.outcome
    if sync.is_dry_run and sync.stop is not None:
        said = "would be stopped"
    text.append(said, style=_STYLES[sync.outcome])
    return text


def _body(sync: SyncResult) -> Group:
    if sync.is_left_out:
        return Group(*(Text(notice) for notice in sync.notices))
    lines: list[RenderableType] = [_counts(sync)]
    if sync.stop is not None:
        lines.append(Text(sync.stop[1], style="red"))
    lines += [Text(f"{rows:,} rows: {_INVALID.get(code, code)}.") for code, rows in _errors(sync)]
    lines += [Text(notice) for notice in sync.notices]
    if sync.resume_at is not None:
        lines.append(Text(f"Goes on from {sync.resume_at:%Y-%m-%d %H:%M} UTC."))
    if sync.file is not None:
        lines.append(Text(f"File: {sync.file}"))
    if not sync.is_dry_run and sync.backlog:
        lines.append(Text(f"{sync.backlog:,} rows wait to be accepted."))
    if sync.examples:
        lines.append(_changes(sync.examples))
        more = sync.due - len(sync.examples)
        if more > 0:
            lines.append(Text(f"… and {more:,} more rows.", style="dim"))
    return Group(*lines)


def _counts(sync: SyncResult) -> Text:
    parts = [f"{sync.rows:,} rows"]
    named = sync.actions
    if sync.is_dry_run:
        parts += [f"{named[name]:,} {said}" for name, said in _ACTIONS.items() if named.get(name)]
    else:
        parts += [
            f"{sync.sent[name]:,} {said}" for name, said in _SENT.items() if sync.sent.get(name)
        ]
        quiet = ("unchanged", "suppressed", "invalid", "skipped")
        parts += [f"{named[name]:,} {_ACTIONS[name]}" for name in quiet if named.get(name)]
    return Text(", ".join(parts) + ".")


def _errors(sync: SyncResult) -> list[tuple[str, int]]:
    return sorted(sync.errors.items(), key=lambda item: (-item[1], item[0]))


def _changes(examples: tuple[RowChange, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("row", "", "field", "old", "new"):
        table.add_column(title, overflow="fold")
    for row in examples:
        if not row.fields and row.action != "create":
            # It may not have arrived, or the mapping is another one.
            said = "no value differs from what was accepted last"
            table.add_row(Text(row.row_key, style="bold"), row.action, said)
            continue
        # A new row has nothing to compare; `--only` shows all of it.
        if row.action == "create" and len(examples) > 1:
            table.add_row(Text(row.row_key, style="bold"), row.action, f"{len(row.fields)} fields")
            continue
        for number, change in enumerate(row.fields):
            table.add_row(
                Text(row.row_key if number == 0 else "", style="bold"),
                row.action if number == 0 else "",
                change.field,
                Text(change.old or "–", style="dim"),
                Text(change.new or "–"),
            )
    return table
