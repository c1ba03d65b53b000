"""Exports that are killed at random moments, and one that ends what they began.

Each is a forked process of its own. The destination lies in a folder, one file a record, so that it
outlives them; it counts every write of a record under a new trace.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestration.lib.exports.destination import OutgoingRow, RowOutcome
from tests.orchestration.export_worlds import MemoryDestination, World, person

KILLS = 20
PEOPLE = 40


@dataclass
class FolderDestination(MemoryDestination):
    """Kills its process at the step `dies_at`: before, between or after writing and answering."""

    folder: Path = Path()
    dies_at: int = -1
    batch_size: int = 7

    def send(self, rows: Iterable[OutgoingRow]) -> Iterator[RowOutcome]:
        step = 0
        for row in rows:
            for act in (self.write, None):
                if step == self.dies_at:
                    os.kill(os.getpid(), signal.SIGKILL)
                step += 1
                if act is not None:
                    act(row)
            yield RowOutcome(row.key, "accepted", f"id-{row.key}")

    def write(self, row: OutgoingRow) -> None:
        file = self.folder / f"{row.key}.json"
        unfinished = file.with_suffix(".tmp")
        unfinished.write_text(json.dumps(dict(row.fields)))
        unfinished.replace(file)


def run(root: Path, dies_at: int) -> int:
    """Export in a forked process; its status."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            world = World(root, FolderDestination(folder=root / "crm", dies_at=dies_at))
            code = 0 if world.export().outcome == "success" else 3
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1]


def publish(root: Path, grades: dict[str, str]) -> None:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            World(root).publish(*(person(key, grade=grade) for key, grade in grades.items()))
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0


def main() -> None:
    root = Path(sys.argv[1])
    (root / "crm").mkdir()
    luck = random.Random(11)
    for turn in range(4):
        grades = {
            f"p{number:02}": f"{'ABC'[(number + turn) % 3]}{turn}" for number in range(PEOPLE)
        }
        publish(root, grades)
        for _ in range(KILLS // 4):
            assert os.WIFSIGNALED(run(root, luck.randrange(16)))
        assert run(root, -1) == 0
        found = {
            file.stem: json.loads(file.read_text())["grade"]
            for file in (root / "crm").glob("*.json")
        }
        assert found == grades, (turn, found)


if __name__ == "__main__":
    main()
