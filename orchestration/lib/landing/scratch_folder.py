"""A private folder for copies of raw files that DuckDB cannot read as they are."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch_folder(place: Path | None) -> Iterator[Path]:
    """An empty folder that nobody else may read, removed afterwards.

    At `place` it takes the place of what a killed process left there, so one process at a time may
    use it; None makes one in the system's folder for temporary files.
    """
    if place is None:
        with tempfile.TemporaryDirectory(prefix="leads-landing-") as folder:
            yield Path(folder)
        return
    shutil.rmtree(place, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.mkdir(mode=0o700)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
