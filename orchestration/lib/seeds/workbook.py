"""Seeds as a workbook, for people who change weights in a spreadsheet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.lib.problems import InputError, Problem
from orchestration.lib.seeds.tables import SeedSet, SeedTable

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_TEXT_FORMAT = "@"
# Rows below the last one that still offer the drop-downs.
_SPARE_ROWS = 500
_NARROWEST, _WIDEST = 8, 48
# Limits of the file format.
_LONGEST_CELL = 32_767
_LONGEST_LIST = 255


def export_workbook(seed_set: SeedSet, file: Path) -> None:
    """Write one sheet per seed, every cell as text, so that 01, =x and days come back unchanged.

    The workbook is written beside `file` and takes its place when it is complete.

    Raises:
        InputError: if a cell holds what no workbook can, or the file cannot be written.
    """
    from openpyxl import Workbook

    problems = [problem for table in seed_set.tables.values() for problem in _unfit_cells(table)]
    if problems:
        raise InputError(problems)
    book = Workbook()
    if book.active is not None:
        book.remove(book.active)
    for name, table in seed_set.tables.items():
        _fill_sheet(book.create_sheet(name), table)
    part = file.with_name(f".{file.name}.part")
    try:
        book.save(part)
        part.replace(file)
    except OSError as error:
        raise InputError(
            Problem(
                message=f"The workbook cannot be written ({error.strerror}).",
                remedy="Name a file in a folder that exists; close the file elsewhere.",
                file=file.name,
            )
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _unfit_cells(table: SeedTable) -> list[Problem]:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    return [
        table.problem(
            row,
            column,
            "The cell is too long for a workbook or holds a control character.",
            "Shorten it, or remove the character.",
        )
        for row in table.rows
        for column, text in row.given.items()
        if text is not None
        and (len(text) > _LONGEST_CELL or ILLEGAL_CHARACTERS_RE.search(text) is not None)
    ]


def _fill_sheet(sheet: Worksheet, table: SeedTable) -> None:
    from openpyxl.cell.cell import TYPE_STRING
    from openpyxl.comments import Comment
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    bold = Font(bold=True)
    for place, column in enumerate(table.spec.columns, start=1):
        # Cells that are typed in later are text as well.
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].number_format = _TEXT_FORMAT
        sheet.column_dimensions[letter].width = _width(table, column.name)
        head = sheet.cell(row=1, column=place)
        head.value = column.name
        head.font = bold
        head.number_format = _TEXT_FORMAT
        if column.description:
            head.comment = Comment(column.description, "seeds", width=320, height=110)
        for number, row in enumerate(table.rows, start=2):
            text = row.given[column.name]
            cell = sheet.cell(row=number, column=place)
            cell.number_format = _TEXT_FORMAT
            if text is not None:
                cell.value = text
                # A text such as =x is no formula.
                cell.data_type = TYPE_STRING
    sheet.freeze_panes = "A2"
    _add_choices(sheet, table)


def _width(table: SeedTable, column: str) -> float:
    texts = [row.given[column] or "" for row in table.rows]
    longest = max((_shown_width(text) for text in [column, *texts]), default=0)
    return float(min(max(longest + 2, _NARROWEST), _WIDEST))


def _shown_width(text: str) -> int:
    """Width in Latin letters; Japanese signs take two."""
    return sum(2 if sign >= "\u1100" else 1 for sign in text)


def _add_choices(sheet: Worksheet, table: SeedTable) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    last_row = len(table.rows) + 1 + _SPARE_ROWS
    for place, column in enumerate(table.spec.columns, start=1):
        words = ("true", "false") if column.kind == "boolean" else column.accepted
        listed = ",".join(words)
        # Of a list several words may be chosen, which a drop-down cannot do.
        if not words or column.separator or len(listed) > _LONGEST_LIST:
            continue
        choices = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True)
        letter = get_column_letter(place)
        choices.add(f"{letter}2:{letter}{last_row}")
        sheet.add_data_validation(choices)
