"""The seeds of a run as a workbook and back."""

from __future__ import annotations

from pathlib import Path

from orchestration.lib.builds.rules import read_known_fields
from orchestration.lib.problems import InputError, Problem
from orchestration.lib.seeds import (
    column_aliases,
    export_workbook,
    fit_seeds,
    import_workbook,
    load_seeds,
)
from orchestration.lib.settings import Settings


def write_workbook(settings: Settings, file: Path) -> None:
    """Write the seeds in force to `file`: the shipped ones, or with those of a chosen folder."""
    _refuse_unless_xlsx(file)
    seed_set = load_seeds(settings.project_root / "seeds", settings.rules_dir)
    export_workbook(fit_seeds(seed_set, None), file)


def read_workbook(settings: Settings, file: Path) -> list[str]:
    """Take over a workbook into the seeds it came from; returns the names of those changed.

    Raises:
        InputError: the workbook holds a mistake; then no seed was changed.
    """
    _refuse_unless_xlsx(file)
    if not file.is_file():
        raise InputError(Problem("The file does not exist.", "Correct its name.", str(file)))
    seeds_dir = settings.project_root / "seeds"
    rules_dir = settings.rules_dir
    aliases = column_aliases(load_seeds(seeds_dir, rules_dir))
    known = read_known_fields(settings, aliases)
    return import_workbook(file, seeds_dir, rules_dir, known)


def _refuse_unless_xlsx(file: Path) -> None:
    if file.suffix.lower() != ".xlsx":
        raise InputError(
            Problem("This is no .xlsx workbook.", "Name a file that ends in .xlsx.", str(file))
        )
