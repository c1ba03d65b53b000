"""What each channel was told last, kept in the working folder."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from orchestration.lib.settings import Workdir


@dataclass(frozen=True)
class Told:
    """A trouble that a channel knows: its causes so far, since when (UTC), and if it lasts."""

    causes: frozenset[str]
    since: datetime
    is_lasting: bool


@dataclass(frozen=True)
class ToldChannel:
    """What one channel knows: the troubles by topic, and when the newest was seen (UTC)."""

    seen_at: datetime | None = None
    troubles: Mapping[str, Told] = field(default_factory=dict)


@contextmanager
def told_channels(workdir: Workdir) -> Iterator[dict[str, ToldChannel]]:
    """What each channel was told, by its name; changes are kept when the block ends.

    Builds that end at the same time take turns. A file that cannot be read counts as none, so
    that what is wrong is told again.
    """
    workdir.warehouse.mkdir(parents=True, exist_ok=True)
    file = workdir.warehouse / "alerts.json"
    descriptor = os.open(file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        channels = _read(file)
        before = dict(channels)
        yield channels
        if channels != before:
            _write(file, channels)
    finally:
        os.close(descriptor)


def _read(file: Path) -> dict[str, ToldChannel]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return {name: _channel(entry) for name, entry in content["channels"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _channel(entry: Mapping[str, Any]) -> ToldChannel:
    troubles = {
        topic: Told(
            frozenset(map(str, told["causes"])),
            datetime.fromisoformat(told["since"]),
            bool(told["is_lasting"]),
        )
        for topic, told in entry["troubles"].items()
    }
    return ToldChannel(datetime.fromisoformat(entry["seen_at"]), troubles)


def _write(file: Path, channels: Mapping[str, ToldChannel]) -> None:
    content = {
        "channels": {
            name: {
                "seen_at": channel.seen_at and channel.seen_at.isoformat(),
                "troubles": {
                    topic: {
                        "causes": sorted(told.causes),
                        "since": told.since.isoformat(),
                        "is_lasting": told.is_lasting,
                    }
                    for topic, told in channel.troubles.items()
                },
            }
            for name, channel in channels.items()
        }
    }
    unfinished = file.with_suffix(".tmp")
    unfinished.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    unfinished.replace(file)
