"""Taking changed seeds back from a workbook: all of it or nothing."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from orchestration.lib.problems import InputError, Problem
from orchestration.lib.seeds.catalog import SeedSpec
from orchestration.lib.seeds.checking import check_seeds
from orchestration.lib.seeds.csv_files import table_from_records
from orchestration.lib.seeds.fitting import fit_seeds
from orchestration.lib.seeds.known_fields import KnownFields
from orchestration.lib.seeds.loading import build_table, load_seeds, rules_files, seed_set_from
from orchestration.lib.seeds.names import fold_name, similar_name
from orchestration.lib.seeds.tables import SeedSet, SeedTable
from orchestration.lib.seeds.writing import csv_text

_UTF8_MARK = b"\xef\xbb\xbf"


def import_workbook(
    file: Path, seeds_dir: Path, rules_dir: Path | None, known: KnownFields | None = None
) -> list[str]:
    """Write the seeds that a workbook changes, and return their names.

    The seeds in force with the workbook's sheets in their place are checked first; nothing is
    written if a check fails. Changed seeds are written into `rules_dir` if it is given, else
    into `seeds_dir`; all others stay byte for byte as they are. Sheets that are no seed are left
    alone, a seed without a sheet keeps its content; so does a shipped seed that a rules folder
    leaves as it is. Without `known`, names of fields of the source are not checked.

    Raises:
        InputError: naming sheet and row of everything that is wrong.
    """
    current = load_seeds(seeds_dir, rules_dir)
    exported = fit_seeds(current, None)
    sheets = _read_sheets(file, current.catalog, is_shipped=rules_dir is None)
    changed = [
        name
        for name in current.tables
        if name in sheets
        and _content(sheets[name])
        not in (_content(current.tables[name]), _content(exported.tables[name]))
    ]
    taken = {
        name: sheet
        for name, sheet in sheets.items()
        if name in changed or sheet.is_shipped == current.tables[name].is_shipped
    }
    merged = seed_set_from(current.catalog, {**current.tables, **taken})
    problems = check_seeds(merged, known).problems
    if problems:
        raise InputError(problems)
    _write_all({_target(name, current, seeds_dir, rules_dir): sheets[name] for name in changed})
    return changed


def _content(table: SeedTable) -> list[tuple[str | None, ...]]:
    return [tuple(row.given[name] for name in table.spec.column_names) for row in table.rows]


def _read_sheets(
    file: Path, catalog: Mapping[str, SeedSpec], is_shipped: bool
) -> dict[str, SeedTable]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(file, read_only=True)
    except FileNotFoundError as error:
        message, remedy = "The workbook does not exist.", "Check the path."
        raise InputError(Problem(message, remedy, file=file.name)) from error
    except (OSError, InvalidFileException, zipfile.BadZipFile, KeyError, ValueError) as error:
        message = "The file is no readable workbook; it may be cut or protected by a password."
        raise InputError(
            Problem(message, "Save it again as .xlsx without a password.", file=file.name)
        ) from error
    tables: dict[str, SeedTable] = {}
    problems: list[Problem] = []
    try:
        for sheet in book.worksheets:
            name = fold_name(sheet.title)
            shown = f"{file.name}, sheet {sheet.title}"
            if name not in catalog:
                problems.extend(_misspelt(name, catalog, shown))
                continue
            table, found = _read_sheet(sheet, catalog[name], shown, is_shipped)
            problems.extend(found)
            if table is not None:
                tables[name] = table
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError, SyntaxError) as error:
        message = "The workbook is damaged."
        raise InputError(
            Problem(message, "Save it again as .xlsx, or restore it.", file=file.name)
        ) from error
    finally:
        book.close()
    if not tables and not problems:
        message = "The workbook has no sheet that is named like a seed."
        remedy = "Export the seeds first and change that workbook."
        problems.append(Problem(message, remedy, file=file.name))
    if problems:
        raise InputError(problems)
    return tables


def _misspelt(name: str, catalog: Mapping[str, SeedSpec], shown: str) -> list[Problem]:
    """A sheet with notes is left alone, but a misspelt seed must not be overlooked."""
    nearest = similar_name(name, catalog)
    if nearest is None:
        return []
    return [
        Problem(
            message=f"No seed has this name. Did you mean '{nearest}'?",
            remedy="Rename the sheet, or delete it.",
            file=shown,
        )
    ]


def _read_sheet(
    sheet: Any, spec: SeedSpec, shown: str, is_shipped: bool
) -> tuple[SeedTable | None, list[Problem]]:
    # Some programs note a wrong size in the sheet.
    sheet.reset_dimensions()
    problems: list[Problem] = []
    records: list[tuple[int, list[str]]] = []
    header: list[str] = []
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        texts = []
        for place, cell in enumerate(cells):
            column = header[place] if place < len(header) else None
            text = _cell_text(cell)
            if text is None:
                problems.append(
                    Problem(
                        message="The cell holds a formula or an error.",
                        remedy="Replace it by its value (copy, paste values).",
                        file=shown,
                        row=number,
                        column=column,
                    )
                )
            texts.append(text or "")
        if not header and any(texts):
            header = [fold_name(text) for text in texts]
        # Rows of a sheet end with their last filled cell.
        texts.extend("" for _ in range(len(header) - len(texts)))
        records.append((number, texts))
    raw, found = table_from_records(records, shown)
    problems.extend(found)
    if raw is None or problems:
        return None, problems
    try:
        return build_table(spec, raw, is_shipped), []
    except InputError as error:
        return None, list(error.problems)


def _cell_text(cell: object) -> str | None:
    """What a cell says as a CSV file would; None for a formula or an error."""
    value = getattr(cell, "value", None)
    if value is None:
        return ""
    if getattr(cell, "data_type", "s") in ("f", "e"):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        text = _number_text(value)
        # 25 % is stored as 0.25; the sign makes the reader ask for the number that is meant.
        return f"{_number_text(value * 100)}%" if "%" in _format(cell) else text
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _format(cell: object) -> str:
    return str(getattr(cell, "number_format", "") or "")


def _number_text(value: float) -> str:
    """The number as the spreadsheet shows it: 15 digits, no .0 for a whole one."""
    if isinstance(value, int) or (math.isfinite(value) and value == int(value)):
        return str(int(value))
    return format(value, ".15g")


def _target(name: str, current: SeedSet, seeds_dir: Path, rules_dir: Path | None) -> Path:
    if rules_dir is None:
        return seeds_dir / current.catalog[name].folder / f"{name}.csv"
    return rules_files(current.catalog, rules_dir).get(name, rules_dir / f"{name}.csv")


def _write_all(tables: Mapping[Path, SeedTable]) -> None:
    """Write every file beside its place first, and rename only when all are complete."""
    parts: list[tuple[Path, Path]] = []
    try:
        for target, table in tables.items():
            part = target.with_name(f".{target.name}.part")
            parts.append((part, target))
            part.write_bytes(_mark(target) + csv_text_of(table).encode("utf-8"))
        for part, target in parts:
            part.replace(target)
    except OSError as error:
        raise InputError(
            Problem(
                message=f"The seeds cannot be written ({error.strerror}).",
                remedy="Check the permissions and the free space of the folder.",
                file=parts[-1][1].name,
            )
        ) from error
    finally:
        for part, _ in parts:
            part.unlink(missing_ok=True)


def csv_text_of(table: SeedTable) -> str:
    """The seed as the CSV file that people keep, without defaults filled in."""
    return csv_text(table.spec.column_names, _content(table))


def _mark(target: Path) -> bytes:
    """The byte-order mark if the file had one or was not UTF-8, so that Excel reads it again."""
    try:
        content = target.read_bytes()
        content.decode("utf-8")
    except FileNotFoundError:
        return b""
    except UnicodeDecodeError:
        return _UTF8_MARK
    return _UTF8_MARK if content.startswith(_UTF8_MARK) else b""
