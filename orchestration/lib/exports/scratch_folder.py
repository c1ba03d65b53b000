"""A folder for what an export holds for a moment, and the end of those whose export was killed.

They hold personal data, so they lie in the warehouse folder, and none outlives the next export.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PREFIX = ".exclusions-"
_LOCK = "owner.lock"


@dataclass(frozen=True)
class ScratchFolder:
    """`path` is the folder; whoever has its `descriptor` open keeps it from being removed."""

    path: Path
    descriptor: int


@contextmanager
def scratch_folder(warehouse: Path) -> Iterator[ScratchFolder]:
    """A folder below `warehouse` that is removed afterwards."""
    warehouse.mkdir(parents=True, exist_ok=True)
    folder = _new_folder(warehouse)
    try:
        yield folder
    finally:
        shutil.rmtree(folder.path, ignore_errors=True)
        os.close(folder.descriptor)


def remove_abandoned_folders(warehouse: Path) -> None:
    """Remove the folders that nobody uses any more, because their export was killed.

    A dry run holds no lock of the exports, so it is not that lock which tells, but one in each
    folder: the system frees it when the last process that had it has ended.
    """
    for folder in warehouse.glob(f"{PREFIX}*"):
        if not folder.is_dir() or folder.is_symlink():
            continue
        with suppress(OSError):
            descriptor = _lock(folder)
            try:
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)


def _new_folder(warehouse: Path) -> ScratchFolder:
    while True:
        path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=warehouse))
        # Somebody who tidies up may have come between its making and its lock.
        with suppress(BlockingIOError, FileNotFoundError):
            descriptor = _lock(path)
            if (path / _LOCK).exists():
                return ScratchFolder(path, descriptor)
            os.close(descriptor)


def _lock(folder: Path) -> int:
    """Take the lock of a folder.

    Raises:
        BlockingIOError: another process holds it.
        FileNotFoundError: the folder is gone.
    """
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
