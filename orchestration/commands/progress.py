"""Progress on the terminal, drawn on standard error."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn


class TerminalReporter:
    """Draws one line a step: a bar where the total is known. Plain lines where nobody watches."""

    def __init__(self) -> None:
        self.console = Console(stderr=True)
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓[/green]"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[count]}"),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[what]}[/dim]"),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        self._task: TaskID | None = None
        self._began = time.monotonic()
        self._title = ""

    def __enter__(self) -> TerminalReporter:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._finish()
        self._progress.stop()

    def step(self, title: str) -> None:
        """Finish the line before and begin a new one."""
        self._finish()
        self._title, self._began = title, time.monotonic()
        self._task = self._progress.add_task(title, total=None, count="", what="")

    def advance(self, done: int, total: int, what: str) -> None:
        """Move the bar of the current line."""
        if self._task is not None:
            count = f"{done}/{total}" if total else ""
            self._progress.update(
                self._task, completed=done, total=total or None, count=count, what=what
            )

    def _finish(self) -> None:
        if self._task is None:
            return
        task = self._progress.tasks[self._task]
        self._progress.update(self._task, total=task.total or 1, completed=task.total or 1, what="")
        self._task = None
        if not self.console.is_terminal:
            seconds = time.monotonic() - self._began
            self.console.print(f"{self._title}: done in {seconds:.1f} s", highlight=False)
