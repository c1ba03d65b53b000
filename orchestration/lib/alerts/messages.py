"""News as a message in the language of the settings."""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from orchestration.lib.alerts.changes import News
from orchestration.lib.failures import RunFailed
from orchestration.lib.inspection.texts import Texts
from orchestration.lib.publishing.serving import served_manifest
from orchestration.lib.settings import Settings

_MOST_CHARACTERS = 400
# The lines hold no value of the data; should one ever slip in, an address is the worst.
_ADDRESS = re.compile(r"[^\s<>\"'(){}\[\]]+@[^\s<>\"'(){}\[\]]+")


@dataclass(frozen=True)
class Message:
    """What is sent: a title of one line, and lines."""

    title: str
    lines: tuple[str, ...]


def compose(settings: Settings, news: Sequence[News]) -> Message:
    """One message of all news of a run; what is wrong stands before what is well again."""
    texts = Texts(settings)
    ordered = sorted(news, key=lambda item: item.change == "ended")
    titles = [_title(texts, item) for item in ordered]
    lines: list[str] = []
    for title, item in zip(titles, ordered, strict=True):
        if len(ordered) > 1:
            lines.append(title)
        lines += [f"- {_clean(line)}" for line in item.observation.lines]
    place = texts.text(
        "alert_place",
        day=settings.as_of_date.isoformat(),
        sources=", ".join(settings.sources),
        folder=str(settings.workdir.root),
        host=socket.gethostname(),
    )
    return Message(" / ".join(titles), (*lines, place, _served(settings, texts)))


def _title(texts: Texts, news: News) -> str:
    observation = news.observation
    trouble = texts.text(f"alert_{observation.kind}", subject=observation.subject)
    if news.change == "ended":
        return texts.text("alert_ended", trouble=trouble, duration=_duration(texts, news.lasted))
    return texts.text(f"alert_{news.change}", trouble=trouble)


def _served(settings: Settings, texts: Texts) -> str:
    try:
        manifest = served_manifest(settings.workdir)
    except RunFailed:
        manifest = None
    if manifest is None:
        return texts.text("alert_nothing_served")
    return texts.text("alert_served", run=manifest.run_id, day=manifest.as_of_date.isoformat())


def _duration(texts: Texts, lasted: timedelta) -> str:
    minutes = max(0, round(lasted.total_seconds() / 60))
    if minutes < 60:
        return texts.text("alert_minutes", minutes=str(minutes))
    hours = minutes // 60
    if hours < 48:
        return texts.text("alert_hours", hours=str(hours), minutes=str(minutes % 60))
    return texts.text("alert_days", days=str(hours // 24))


def _clean(line: str) -> str:
    text = _ADDRESS.sub("…", " ".join(line.split()))
    return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - 1] + "…"
