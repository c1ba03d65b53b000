"""Rows as a workbook: headers in the reader's language, and drop-downs for what sales answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from datetime import time as day_time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from orchestration.lib.exports.file.formats import BLOCK_ROWS
from orchestration.lib.exports.sync import Sync
from orchestration.lib.failures import RunFailed
from orchestration.lib.inspection.prepared_seeds import read_prepared_seed
from orchestration.lib.settings import Settings

ANSWERS = ("disposition", "reason", "recontact_date", "comment", "at", "listed_at")
_DATES = ("recontact_date", "at")
_LISTS = "lists"
_MOST_ROWS = 1_048_000
_TEXT, _DATE = "@", "yyyy-mm-dd"
_MOST_WIDTH = 48


def write_workbook(
    rows: duckdb.DuckDBPyConnection,
    headers: Sequence[str],
    texts: Mapping[str, str],
    settings: Settings,
    sync: Sync,
    as_of: date,
    file: Path,
) -> None:
    """Write the result of a query; texts stay texts, whatever they begin with.

    Args:
        rows: the result.
        headers: headers of the columns, in the reader's language.
        texts: words of texts.csv by the rest of their id.
        settings: for the seeds of the verdicts and the time zone.
        sync: whether answers are asked for.
        as_of: day of the list, from which an answer without a day counts.
        file: where to.

    Raises:
        RunFailed: a sheet has no room for so many rows.
    """
    book = Workbook()
    sheet: Any = book.active
    sheet.title = texts.get("sheet_queue") or "list"
    answers = ANSWERS if sync.file is not None and sync.file.answers else ()
    titles = [*headers, *(texts.get(f"column_{name}") or name for name in answers)]
    widths = [len(title) for title in titles]
    _write_header(sheet, titles, len(headers))
    zone = ZoneInfo(settings.timezone)
    listed = _listed_at(as_of, zone)
    number = 1
    while block := rows.fetchmany(BLOCK_ROWS):
        for row in block:
            number += 1
            if number > _MOST_ROWS:
                raise RunFailed(f"{sync.name}: a workbook has no room for so many rows; use csv.")
            for column, value in enumerate(row, start=1):
                _write_cell(sheet, number, column, value, zone, widths)
            if answers:
                cell = sheet.cell(number, len(titles), listed)
                cell.number_format, cell.font = _TEXT, Font(color="999999")
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = min(width + 3, _MOST_WIDTH)
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(titles))}{max(number, 2)}"
    if answers:
        _add_answers(book, sheet, settings, sync, texts, len(headers), max(number, 2))
    book.save(file)


def _write_header(sheet: Any, titles: Sequence[str], told: int) -> None:
    for column, title in enumerate(titles, start=1):
        cell = sheet.cell(1, column, title)
        cell.font = Font(bold=True)
        is_answer = column > told
        cell.fill = PatternFill("solid", fgColor="FFF2CC" if is_answer else "DDEBF7")
        cell.alignment = Alignment(vertical="top", wrap_text=True)


def _write_cell(
    sheet: Any, row: int, column: int, value: object, zone: ZoneInfo, widths: list[int]
) -> None:
    if value is None:
        return
    cell = sheet.cell(row, column)
    if isinstance(value, datetime):
        cell.value = value.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).replace(tzinfo=None)
    elif isinstance(value, date):
        cell.value, cell.number_format = value, _DATE
    elif isinstance(value, (bool, int, float, Decimal)):
        cell.value = value
    else:
        text = ILLEGAL_CHARACTERS_RE.sub("", str(value))[:32_000]
        cell.value = text
        # Else a text that begins with = would be a formula.
        cell.data_type, cell.number_format = "s", _TEXT
        cell.alignment = Alignment(vertical="top", wrap_text=len(text) > _MOST_WIDTH)
    widths[column - 1] = max(widths[column - 1], _width(cell.value))


def _width(value: object) -> int:
    """Characters, of which a wide one takes the room of two."""
    text = str(value)
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text[:_MOST_WIDTH])


def _listed_at(day: date, zone: ZoneInfo) -> str:
    """The end of the day of the list: nobody answers before what the list tells has happened."""
    return datetime.combine(day, day_time(23, 59, 59), zone).isoformat()


def _add_answers(
    book: Workbook,
    sheet: Any,
    settings: Settings,
    sync: Sync,
    texts: Mapping[str, str],
    told: int,
    last_row: int,
) -> None:
    """Drop-downs of verdicts and reasons, whose words a build reads back, and checked dates."""
    language = sync.language or settings.language
    lists: Any = book.create_sheet(_LISTS)
    lists.sheet_state = "hidden"
    choices = {
        "disposition": verdicts(settings, language),
        "reason": reasons(settings, language),
    }
    for place, (name, words) in enumerate(choices.items(), start=1):
        for number, word in enumerate(words, start=1):
            cell = lists.cell(number, place, word)
            cell.data_type = "s"
        letter = get_column_letter(place)
        rule = DataValidation(
            type="list",
            formula1=f"={_LISTS}!${letter}$1:${letter}${max(len(words), 1)}",
            allow_blank=True,
            showErrorMessage=True,
            error=texts.get("wrong_choice"),
        )
        _apply(sheet, rule, told + ANSWERS.index(name) + 1, last_row)
    for name in _DATES:
        rule = DataValidation(
            type="date",
            operator="greaterThan",
            formula1="36526",
            allow_blank=True,
            showErrorMessage=True,
            error=texts.get("wrong_date"),
        )
        column = told + ANSWERS.index(name) + 1
        _apply(sheet, rule, column, last_row)
        for row in range(2, last_row + 1):
            sheet.cell(row, column).number_format = _DATE


def _apply(sheet: Any, rule: DataValidation, column: int, last_row: int) -> None:
    letter = get_column_letter(column)
    rule.add(f"{letter}2:{letter}{last_row}")
    sheet.add_data_validation(rule)


def verdicts(settings: Settings, language: str) -> list[str]:
    """Labels of the verdicts that a file can give."""
    return [
        row[f"label_{language}"] or row["source_value"] or ""
        for row in _seed(settings, "disposition_values")
        if (row["source"], row["source_object"]) == ("file", "feedback")
    ]


def reasons(settings: Settings, language: str) -> list[str]:
    """Labels of the reasons for which sales gives a lead back."""
    return [
        row[f"label_{language}"] or row["reason_id"] or ""
        for row in _seed(settings, "disposition_reasons")
        if {"returned", "disqualified"} & set((row["applies_to"] or "").split("|"))
    ]


def _seed(settings: Settings, name: str) -> list[Mapping[str, str | None]]:
    return read_prepared_seed(settings.workdir, "handoff", name)
