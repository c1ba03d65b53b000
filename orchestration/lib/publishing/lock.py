"""One build at a time in a working folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from orchestration.lib.failures import RunFailed


@contextmanager
def build_lock(file: Path) -> Iterator[int]:
    """Hold the lock of a working folder; yields its descriptor.

    The operating system frees the lock when its holder ends, however it ends. A child process
    that inherits the descriptor holds it too, so an orphaned dbt still keeps others out.

    Raises:
        RunFailed: another build holds it. There is no waiting.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunFailed(
                (
                    f"Another build runs in this working folder ({lock_holder(file)}).",
                    "Wait until it ends, or use another --workdir.",
                )
            ) from None
        os.ftruncate(descriptor, 0)
        started = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        os.pwrite(descriptor, f"{os.getpid()}\n{started}\n".encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


def is_locked(file: Path) -> bool:
    """Whether somebody holds the lock now."""
    if not file.exists():
        return False
    descriptor = os.open(file, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def lock_holder(file: Path) -> str:
    """Who took the lock last, in words."""
    lines = file.read_text(encoding="utf-8").split("\n") if file.exists() else []
    if len(lines) < 2 or not lines[0].isdigit():
        return "it has only just started"
    said = f"process {lines[0]}, started {lines[1]}"
    if not _is_alive(int(lines[0])):
        said += "; that process has ended, but its dbt is still at work"
    return said


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
