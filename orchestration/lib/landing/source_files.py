"""Finding the file of each table in a folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from orchestration.lib.landing.table_specs import TableSpec
from orchestration.lib.problems import InputError, Problem


class FileForm(Enum):
    """The forms in which a table can be given; the value is the end of the file's name."""

    CSV = ".csv"
    CSV_GZIP = ".csv.gz"
    PARQUET = ".parquet"
    XLSX = ".xlsx"


@dataclass(frozen=True)
class SourceFile:
    """The one file of a table."""

    table: str
    path: Path
    form: FileForm

    @property
    def name(self) -> str:
        """What people are told: the name without the folder."""
        return self.path.name


def find_source_files(raw_dir: Path, specs: Sequence[TableSpec]) -> dict[str, SourceFile]:
    """Find the file of each table directly in `raw_dir`; whatever else is there is ignored.

    Names compare without case. Hidden files, lock files and folders are never taken.

    Returns:
        Table name to file, in the order of `specs`, without the tables that have no file.

    Raises:
        InputError: no such folder, two forms of one table, or a required table without a file.
    """
    try:
        entries = sorted(entry for entry in raw_dir.iterdir() if entry.is_file())
    except OSError as error:
        raise InputError(
            Problem(
                f"The raw data folder {raw_dir} cannot be read.",
                "Give an existing folder with --raw-dir, one that you may read.",
            )
        ) from error
    wanted = {
        f"{stem}{form.value}": (spec.name, form)
        for spec in specs
        for stem in spec.file_stems
        for form in FileForm
    }
    found: dict[str, list[SourceFile]] = {}
    for entry in entries:
        if (match := wanted.get(entry.name.lower())) is not None:
            table, form = match
            found.setdefault(table, []).append(SourceFile(table, entry.absolute(), form))
    problems = [_two_forms(files) for files in found.values() if len(files) > 1]
    problems += [
        Problem(
            f"The source needs the table {spec.name}, and its file is not in {raw_dir}.",
            f"Save it there as {spec.name}.csv, {spec.name}.csv.gz, {spec.name}.parquet "
            f"or {spec.name}.xlsx{_also_called(spec)}.",
            file=f"{spec.name}.csv",
        )
        for spec in specs
        if spec.is_required and spec.name not in found
    ]
    problems += [
        Problem(
            "The file may not be read.",
            "Give the user who runs this the right to read it.",
            file=file.name,
        )
        for files in found.values()
        for file in files
        if not os.access(file.path, os.R_OK)
    ]
    if problems:
        raise InputError(problems)
    return {spec.name: found[spec.name][0] for spec in specs if spec.name in found}


def _also_called(spec: TableSpec) -> str:
    others = [stem for stem in spec.file_stems if stem != spec.name]
    return f" ({' or '.join(others)} will do for {spec.name})" if others else ""


def _two_forms(files: Sequence[SourceFile]) -> Problem:
    names = [file.name for file in files]
    return Problem(
        f"The table {files[0].table} is given {len(names)} times: {', '.join(names)}.",
        "Keep one of these files and move the others out of the folder.",
        file=names[0],
    )
