"""Preparing an xlsx workbook for DuckDB: its first sheet becomes a temporary CSV file."""

from __future__ import annotations

import csv
import datetime
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import column_index_from_string

from orchestration.lib.landing.column_names import (
    ColumnAliases,
    NamedColumns,
    name_columns,
    shown_name,
)
from orchestration.lib.landing.csv_files import csv_relation, csv_values
from orchestration.lib.landing.csv_records import (
    LONGEST_VALUE,
    NoRowsError,
    PlainCsv,
    longest_value,
)
from orchestration.lib.landing.readable import ReadableFile
from orchestration.lib.landing.source_files import SourceFile
from orchestration.lib.landing.table_specs import TableSpec
from orchestration.lib.landing.text_files import CHUNK_BYTES
from orchestration.lib.landing.white_space import WHITE_SPACE
from orchestration.lib.problems import InputError, Problem

_MIDNIGHT = datetime.time()
# A formula (<f>) without a saved result (<v>) in the XML of a sheet. A result that is an empty text
# is saved too (t="str").
_FORMULA_WITHOUT_RESULT = re.compile(
    rb"<c\b((?:(?!t=\"str\")[^>])*)>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*"
    rb"(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)
_CELL_PLACE = re.compile(rb'\br="([A-Z]+)([0-9]+)"')


def name_workbook_columns(
    file: SourceFile, spec: TableSpec, aliases: ColumnAliases
) -> NamedColumns:
    """Read and name the columns of the first sheet from its header alone."""
    with _sheet_rows(file) as rows:
        for _, cells in rows:
            return name_columns(cells, spec, aliases, file.name)
    raise NoRowsError(file.name)


def prepare_workbook(
    file: SourceFile, spec: TableSpec, aliases: ColumnAliases, scratch: Path
) -> ReadableFile:
    """Write the first sheet as CSV and say how DuckDB is to read it.

    Empty rows are left out; those after the last row with a value are not counted.

    Raises:
        InputError: the workbook is damaged, its first sheet has no rows, or a formula in it has no
            saved result.
    """
    with _sheet_rows(file) as rows:
        plain, headers = _write_sheet(rows, scratch / f"{spec.name}.sheet.csv")
    if not headers or plain.rows == 0:
        raise NoRowsError(file.name)
    columns = name_columns(headers, spec, aliases, file.name)
    _refuse_formulas_without_result(file, columns.names)
    return ReadableFile(
        file=file,
        columns=columns.names,
        relation=csv_relation(plain.path, len(columns.names), longest_record=plain.longest_record),
        values=csv_values(len(columns.names)),
        expected_rows=plain.rows,
        skipped_blank_rows=plain.blank_rows,
        reread=None,
        notices=columns.notices,
    )


def cell_text(value: object) -> str:
    """Text form of a cell, the same that a Parquet value of the same kind takes."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "0" if value == 0 else repr(value).removesuffix(".0")
    if isinstance(value, datetime.datetime):
        # Excel has no type for a day: a day is a time at midnight.
        if value.time() == _MIDNIGHT:
            return value.date().isoformat()
        text = value.isoformat(sep=" ")
        return text.rstrip("0") if value.microsecond else text
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value)


def _write_sheet(
    rows: Iterable[tuple[int, list[str]]], destination: Path
) -> tuple[PlainCsv, list[str]]:
    """Write the rows, as wide as the widest; return the file and the headers of that width."""
    headers: list[str] = []
    written = last_row = longest = 0
    narrow = destination.with_suffix(".rows")
    with narrow.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, quoting=csv.QUOTE_ALL, lineterminator="\n")
        first_row = width = 0
        for number, cells in rows:
            if not headers:
                headers, first_row = cells, number
                width = len(cells)
                continue
            width = max(width, len(cells))
            longest = max(longest, 4 * writer.writerow(cells))
            written += 1
            last_row = number
    headers += [""] * (width - len(headers))
    # Rows end at their last value, so they are filled up once the width is known.
    with (
        longest_value(LONGEST_VALUE),
        narrow.open(encoding="utf-8", newline="") as source,
        destination.open("w", encoding="utf-8", newline="") as target,
    ):
        writer = csv.writer(target, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(headers)
        writer.writerows(cells + [""] * (width - len(cells)) for cells in csv.reader(source))
    narrow.unlink()
    blank_rows = max(0, last_row - first_row - written)
    return PlainCsv(destination, written, blank_rows, longest + 3 * width), headers


@contextmanager
def _sheet_rows(file: SourceFile) -> Iterator[Iterator[tuple[int, list[str]]]]:
    """The filled rows of the first sheet, see `_filled_rows`."""
    with warnings.catch_warnings():
        # openpyxl warns about styles and extensions that have nothing to do with values.
        warnings.simplefilter("ignore")
        with _damage_named(file):
            workbook = openpyxl.load_workbook(file.path, read_only=True, data_only=True)
        try:
            if not workbook.worksheets:
                raise NoRowsError(file.name)
            sheet: Any = workbook.worksheets[0]
            # Some programs write a wrong size of the sheet, and cells outside it would be lost.
            sheet.reset_dimensions()
            yield _filled_rows(sheet.iter_rows(values_only=True), file)
        finally:
            workbook.close()


def _filled_rows(
    sheet: Iterator[Sequence[object]], file: SourceFile
) -> Iterator[tuple[int, list[str]]]:
    """Number and text of each row that holds a value, up to its last value."""
    number = 0
    while True:
        with _damage_named(file):
            row = next(sheet, None)
        if row is None:
            return
        number += 1
        cells = [cell_text(value) for value in row]
        while cells and not cells[-1].strip(WHITE_SPACE):
            cells.pop()
        if cells:
            yield number, cells


@contextmanager
def _damage_named(file: SourceFile) -> Iterator[None]:
    """Turn whatever openpyxl meets in a damaged workbook into one InputError."""
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:
        raise InputError(
            Problem(
                "The workbook cannot be read: it is cut, damaged, protected by a password, "
                "or no xlsx file.",
                "Open it in a spreadsheet program and save it again as .xlsx without a password.",
                file=file.name,
            )
        ) from error


def _refuse_formulas_without_result(file: SourceFile, columns: Sequence[str]) -> None:
    """A program that is no spreadsheet writes formulas without results: cells that look empty."""
    with _damage_named(file):
        place = _first_formula_without_result(file)
    if place is None:
        return
    letters, row = place
    index = column_index_from_string(letters) - 1
    raise InputError(
        Problem(
            "The cell holds a formula whose result is not saved.",
            "Open the workbook in a spreadsheet program and save it, or paste the values.",
            file=file.name,
            row=row,
            column=shown_name(columns[index], index) if index < len(columns) else letters,
        )
    )


def _first_formula_without_result(file: SourceFile) -> tuple[str, int] | None:
    workbook: Any = openpyxl.load_workbook(file.path, read_only=True)
    try:
        part: str = workbook.worksheets[0]._worksheet_path
    finally:
        workbook.close()
    with zipfile.ZipFile(file.path) as archive, archive.open(part) as stream:
        rest = b""
        while chunk := stream.read(CHUNK_BYTES):
            # Rows are looked at whole.
            complete, end, rest = (rest + chunk).rpartition(b"</row>")
            if b"<f" not in complete:
                continue
            for cell in _FORMULA_WITHOUT_RESULT.finditer(complete + end):
                if (place := _CELL_PLACE.search(cell.group(1))) is not None:
                    return place.group(1).decode(), int(place.group(2))
    return None
