"""One build at a time in a working folder."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from orchestration.lib.failures import RunFailed
from orchestration.lib.publishing.account import account_name

_POLL_SECONDS = 0.5
# Whoever asks whether the lock is free holds it for a moment; that is no build.
_PATIENCE_SECONDS = 0.3
_SAID_AT_LEAST_EVERY = 60.0


class AnotherBuildRuns(RunFailed):
    """Somebody else holds the lock. Nothing was begun, so nothing is wrong with the data."""


@dataclass(frozen=True)
class Holder:
    """Who took a lock: process, start (UTC, as people read it), user, host and command.

    The command is a program and its subcommand; its options may name a person.
    """

    process: int
    started: str
    user: str
    host: str
    command: str

    @property
    def is_here(self) -> bool:
        """Whether the process belongs to this host, where its id means something."""
        return self.host == socket.gethostname()

    def __str__(self) -> str:
        return (
            f"process {self.process}, started {self.started} by {self.user} on {self.host}:"
            f" {self.command}"
        )


@contextmanager
def build_lock(
    file: Path, wait_seconds: float = 0.0, tell: Callable[[str], None] | None = None
) -> Iterator[int]:
    """Hold the lock of a working folder; yields its descriptor.

    The operating system frees the lock when its holder ends, however it ends. A child process
    that inherits the descriptor holds it too, so an orphaned dbt still keeps others out.

    Args:
        file: the file whose lock it is; whoever holds it stands in it.
        wait_seconds: how long to wait until it is free.
        tell: hears once a minute whom one waits for.

    Raises:
        AnotherBuildRuns: another build holds it, still after waiting.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _take(descriptor, file, wait_seconds, tell)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(asdict(_this_process())).encode(), 0)
        try:
            yield descriptor
        finally:
            # A name that is left over tells that its bearer ended without a word.
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def wait_until_free(
    file: Path, wait_seconds: float = 0.0, tell: Callable[[str], None] | None = None
) -> None:
    """Wait until nobody holds the lock of a working folder; arguments as for `build_lock`.

    It is not held afterwards, and whoever held it last stays named in it.

    Raises:
        AnotherBuildRuns: a build holds it, still after waiting.
    """
    if not file.exists():
        return
    descriptor = os.open(file, os.O_RDWR)
    try:
        _take(descriptor, file, wait_seconds, tell)
    finally:
        os.close(descriptor)


def is_locked(file: Path) -> bool:
    """Whether somebody holds the lock now."""
    if not file.exists():
        return False
    descriptor = os.open(file, os.O_RDWR)
    try:
        return not _is_free(descriptor)
    finally:
        os.close(descriptor)


def lock_holder(file: Path) -> str:
    """Who took the lock last, in words."""
    holder = _read_holder(file)
    if holder is None:
        return "it has only just started"
    if holder.is_here and not _is_alive(holder.process):
        return f"{holder}; that process has ended, but its dbt is still at work"
    return str(holder)


def ended_without_a_word(file: Path) -> Holder | None:
    """The last holder, if it was killed or the machine stopped; None if it ended in order."""
    holder = _read_holder(file)
    return None if holder is None or is_locked(file) else holder


def _take(
    descriptor: int, file: Path, wait_seconds: float, tell: Callable[[str], None] | None
) -> None:
    began, said = time.monotonic(), -_SAID_AT_LEAST_EVERY
    while not _is_free(descriptor):
        waited = time.monotonic() - began
        if waited >= max(wait_seconds, _PATIENCE_SECONDS):
            still = f", still after {waited:.0f} s" if wait_seconds else ""
            raise AnotherBuildRuns(
                (
                    f"Another build runs in this working folder ({lock_holder(file)}){still}.",
                    "Wait until it ends, as `leads build --wait SECONDS` does, or use another"
                    " --workdir.",
                )
            )
        if tell is not None and wait_seconds and waited - said >= _SAID_AT_LEAST_EVERY:
            tell(f"Waiting for another build ({lock_holder(file)})")
            said = waited
        time.sleep(_POLL_SECONDS if wait_seconds - waited > _POLL_SECONDS else 0.1)


def _is_free(descriptor: int) -> bool:
    """Take the lock if nobody has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _this_process() -> Holder:
    program, *arguments = sys.argv or [""]
    subcommand = arguments[0] if arguments and arguments[0].isidentifier() else ""
    return Holder(
        process=os.getpid(),
        started=datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
        user=account_name(),
        host=socket.gethostname(),
        command=f"{Path(program).name or 'python'} {subcommand}".strip(),
    )


def _read_holder(file: Path) -> Holder | None:
    try:
        return Holder(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
