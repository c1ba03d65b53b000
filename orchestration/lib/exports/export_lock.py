"""One export at a time in a working folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from orchestration.lib.failures import RunFailed
from orchestration.lib.publishing.lock import AnotherBuildRuns, build_lock, lock_holder
from orchestration.lib.settings import Workdir


class AnotherExportRuns(RunFailed):
    """Somebody else holds the lock. Nothing was begun, so nothing is wrong."""


@contextmanager
def export_lock(workdir: Workdir) -> Iterator[None]:
    """Hold the lock of the exports; the operating system frees it however its holder ends.

    Raises:
        AnotherExportRuns: another export holds it. There is no waiting.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(build_lock(workdir.export_lock))
        except AnotherBuildRuns:
            raise AnotherExportRuns(
                (
                    f"Another export runs in this working folder ({export_holder(workdir)}).",
                    "Wait until it ends.",
                )
            ) from None
        yield


def export_holder(workdir: Workdir) -> str:
    """Who took the lock last, in words."""
    return lock_holder(workdir.export_lock)
