"""When raw files are new and complete, so that a build may start."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from orchestration.lib.builds.source_tables import files_to_land
from orchestration.lib.problems import InputError
from orchestration.lib.settings import Settings

# A file that was written to within this time may still grow.
SETTLING_SECONDS = 60.0


@dataclass(frozen=True)
class RawFile:
    """A raw file as its folder shows it; `changed_at` is in nanoseconds."""

    source: str
    name: str
    size: int
    changed_at: int


def list_raw_files(settings: Settings) -> tuple[RawFile, ...]:
    """The files that a build would land; none where nothing is landed or made yet.

    Raises:
        InputError: a folder or a required file is missing, or a table has two files.
    """
    if settings.is_bundled and not settings.raw_dir.is_dir():
        return ()
    found = []
    for source, file in files_to_land(settings):
        try:
            status = file.path.stat()
        except FileNotFoundError:
            # Moved away between the two looks; the next one sees what took its place.
            continue
        found.append(RawFile(source, file.name, status.st_size, status.st_mtime_ns))
    return tuple(sorted(found, key=lambda file: (file.source, file.name)))


def fingerprint(files: Sequence[RawFile]) -> str:
    """A short text that is the same exactly for the same names, sizes and times."""
    listed = [(file.source, file.name, file.size, file.changed_at) for file in files]
    return hashlib.sha256(json.dumps(listed).encode()).hexdigest()[:32]


def raw_fingerprint(settings: Settings) -> str | None:
    """The fingerprint of the files that a build would land now, None if it would refuse them."""
    try:
        return fingerprint(list_raw_files(settings))
    except InputError:
        return None


@dataclass(frozen=True)
class Watch:
    """What the watch remembers: the files it saw last, and those it last started a build for.

    Attributes:
        seen: the files of the last look.
        started: the files that a build was started for or had landed, so that they are not new.
        landed: what the last build had landed by then.
        number: rises with each build that the watch starts. A fresh watch begins at the time of
            its first look, so that it uses no number of one before it.
    """

    seen: str = ""
    started: str = ""
    landed: str = ""
    number: int = 0

    @classmethod
    def from_cursor(cls, cursor: str | None) -> Watch:
        """The watch that a cursor holds; a fresh one where it holds none."""
        try:
            content = json.loads(cursor or "")
            return cls(
                str(content["seen"]),
                str(content["started"]),
                str(content.get("landed", "")),
                int(content.get("number", 0)),
            )
        except (ValueError, KeyError, TypeError):
            return cls()

    def to_cursor(self) -> str:
        """As a text to keep."""
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class Look:
    """What one look at the folder led to: a build under `start_key`, or why there is none.

    A look that is repeated, because its watch was not kept, has the same key; no other look has
    it, so files that were there before and came back get their build too.
    """

    watch: Watch
    start_key: str | None
    reason: str


def look(
    watch: Watch,
    files: Sequence[RawFile],
    now: float,
    *,
    landed: str | None,
    is_building: bool,
) -> Look:
    """Decide whether to start a build; `now` is in seconds, `landed` what the last build landed.

    A build starts once for each state of the files, and not before two looks in a row saw the same
    and the newest file has rested. While another build runs the watch waits: it may land them, or
    what they have taken the place of. Files that a build was started for are new again once a
    build has landed others.
    """
    found = fingerprint(files)
    number = watch.number or int(now)
    watch_now = replace(watch, seen=found, number=number)
    if not files:
        return Look(watch_now, None, "There are no raw files.")
    is_started = found == watch.started and landed in (None, found, watch.landed)
    if is_started or (found == landed and not is_building):
        known = Watch(found, found, landed or watch.landed, number)
        return Look(known, None, "No raw file is new.")
    if found != watch.seen:
        return Look(watch_now, None, "Raw files changed; they are left to come to rest.")
    age = now - max(file.changed_at for file in files) / 1e9
    # A time in the future is a clock that differs; two equal looks have to do.
    if 0 <= age < SETTLING_SECONDS:
        return Look(watch_now, None, f"The newest raw file is {age:.0f} s old and may still grow.")
    if is_building:
        return Look(watch_now, None, "Raw files are new; a build runs, and comes first.")
    return Look(
        Watch(found, found, landed or "", number + 1),
        f"{found}-{number + 1}",
        f"Raw files are new: {len(files)} in all.",
    )
