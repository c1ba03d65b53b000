"""What stops a run that is nobody's wrong input."""

from __future__ import annotations

from collections.abc import Iterable


class RunFailed(Exception):  # noqa: N818 - reads as what happened, as InputError does
    """A step failed although its input was well formed. Commands end with exit code 1.

    `lines` are whole sentences for a person: what failed, then what to do. They hold no value
    of the data.
    """

    def __init__(self, lines: str | Iterable[str]) -> None:
        self.lines: tuple[str, ...] = (lines,) if isinstance(lines, str) else tuple(lines)
        super().__init__("\n".join(self.lines))
