"""What can be wrong with an input, said so that a person can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One mistake in an input: what is wrong, where, and what to do about it.

    `row` counts the rows of the file as a spreadsheet shows them, the header being row 1.
    `file` is a name a person recognises (never an absolute path of this machine is needed).
    Messages carry no cell of raw data, so that no personal value reaches a log.
    """

    message: str
    remedy: str
    file: str | None = None
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        place = [part for part in (self.file, self._row_text(), self._column_text()) if part]
        head = ", ".join(place)
        return f"{head}: {self.message} {self.remedy}" if head else f"{self.message} {self.remedy}"

    def _row_text(self) -> str | None:
        return None if self.row is None else f"row {self.row}"

    def _column_text(self) -> str | None:
        return None if self.column is None else f"column {self.column}"


@dataclass(frozen=True)
class Notice:
    """Something a person should know that does not stop the work."""

    message: str
    file: str | None = None

    def __str__(self) -> str:
        return f"{self.file}: {self.message}" if self.file else self.message


class InputError(Exception):
    """Wrong input. Commands that meet it print every problem and end with exit code 2."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (
            (problems,) if isinstance(problems, Problem) else tuple(problems)
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))
