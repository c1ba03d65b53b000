"""Reading the CSV file of a seed: encoding, records, and what is wrong with its form."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from orchestration.lib.problems import InputError, Notice, Problem
from orchestration.lib.seeds.names import fold_name, trim
from orchestration.lib.seeds.tables import RawTable

_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_LARGEST_CELL = 1_000_000
_NO_CP932 = re.compile("[\x80\uf8f0-\uf8f3]")


def read_csv(path: Path, shown: str) -> RawTable:
    """The header and the rows of a CSV file, cells trimmed, rows without any content left out.

    Raises:
        InputError: if the file cannot be decoded, is cut, or its rows do not fit its header.
    """
    text, notices = _decode(path, shown)
    records, problems = _records(text, shown)
    table, more = table_from_records(records, shown, tuple(notices))
    problems.extend(more)
    if problems or table is None:
        raise InputError(problems)
    return table


def table_from_records(
    records: list[tuple[int, list[str]]], shown: str, notices: tuple[Notice, ...] = ()
) -> tuple[RawTable | None, list[Problem]]:
    """The first record as the header, the others as rows, and every row that does not fit it."""
    filled = [(number, [trim(cell) for cell in cells]) for number, cells in records]
    filled = [(number, cells) for number, cells in filled if any(cells)]
    if not filled:
        return None, [
            Problem(
                message="The file is empty.",
                remedy="Write at least the row of column names, or remove the file.",
                file=shown,
                row=1,
            )
        ]
    header_row, names = filled[0]
    header = [fold_name(name) for name in names]
    problems = _header_problems(header, header_row, shown)
    rows: list[tuple[int, tuple[str, ...]]] = []
    for number, cells in filled[1:]:
        fitted = _fitted(cells, len(header))
        if fitted is None:
            problems.append(_width_problem(shown, number, len(cells), len(header)))
        elif any(cell and not name for name, cell in zip(header, fitted, strict=True)):
            problems.append(
                Problem(
                    message="A cell has no column name above it.",
                    remedy="Name the column in the first row, or empty the cell.",
                    file=shown,
                    row=number,
                )
            )
        else:
            rows.append((number, tuple(fitted)))
    return RawTable(shown, tuple(header), tuple(rows), notices), problems


def _decode(path: Path, shown: str) -> tuple[str, list[Notice]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(
            Problem(
                message=f"The file cannot be read ({error.strerror}).",
                remedy="Check the file and its permissions.",
                file=shown,
            )
        ) from error
    if content.startswith(_UTF16_MARKS) or b"\x00" in content:
        raise InputError(
            Problem(
                message="The file is UTF-16 or no text.",
                remedy="Save it as 'CSV UTF-8 (comma delimited)'.",
                file=shown,
                row=1,
            )
        )
    has_mark = content.startswith(_UTF8_MARK)
    if has_mark:
        content = content[len(_UTF8_MARK) :]
    try:
        return content.decode("utf-8"), []
    except UnicodeDecodeError as error:
        damage = _undecodable(content, error.start, shown)
        # A text with Japanese in good UTF-8 before the bad byte is no CP932 but damaged UTF-8.
        if has_mark or _has_japanese(content[: error.start].decode("utf-8")):
            raise InputError(damage) from error
    try:
        text = content.decode("cp932")
    except UnicodeDecodeError as error:
        raise InputError(_undecodable(content, error.start, shown)) from error
    # Python's codec gives these bytes, which mean nothing in CP932, characters of its own.
    stray = _NO_CP932.search(text)
    if stray is not None:
        position = len(text[: stray.start()].encode("cp932"))
        raise InputError(_undecodable(content, position, shown))
    note = "the file is not UTF-8 and was read as CP932; 'CSV UTF-8' is safer."
    return text, [Notice(note, file=shown)]


def _has_japanese(text: str) -> bool:
    return any("\u3000" <= sign <= "\u9fff" or "\uff00" <= sign <= "\uffef" for sign in text)


def _undecodable(content: bytes, position: int, shown: str) -> Problem:
    # Not exact within quoted line breaks, but near enough to find the place.
    row = content.count(b"\n", 0, position) + 1
    return Problem(
        message="The bytes are neither UTF-8 nor CP932 text; the file may be cut or damaged.",
        remedy="Save the file again as 'CSV UTF-8', or restore it.",
        file=shown,
        row=row,
        column=_column_at(content, position),
    )


def _column_at(content: bytes, position: int) -> str | None:
    start = content.rfind(b"\n", 0, position) + 1
    header = content.split(b"\n", 1)[0].decode("ascii", errors="ignore").strip().split(",")
    index = content.count(b",", start, position)
    return fold_name(header[index]) if index < len(header) and header[index] else None


def _records(text: str, shown: str) -> tuple[list[tuple[int, list[str]]], list[Problem]]:
    csv.field_size_limit(_LARGEST_CELL)
    records: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for number, cells in enumerate(reader, start=1):
            records.append((number, cells))
    except csv.Error as error:
        row = records[-1][0] + 1 if records else 1
        header = records[0][1] if records else []
        if "unexpected end" in str(error) or "field larger" in str(error):
            message = "A quotation mark is opened and never closed; the file may be cut here."
            remedy = "Close the quotation mark, or restore the file."
        else:
            message = "Text follows a closing quotation mark."
            remedy = 'Put the whole cell in quotation marks and write "" for one inside it.'
        column = _open_column(text, row, header)
        return records, [Problem(message, remedy, file=shown, row=row, column=column)]
    return records, []


def _open_column(text: str, row: int, header: list[str]) -> str | None:
    """The column of the cell at which a strict reader gave up in that row."""
    lenient = csv.reader(io.StringIO(text, newline=""))
    for number, cells in enumerate(lenient, start=1):
        if number == row:
            index = next(
                (place for place, cell in enumerate(cells) if "\n" in cell or '"' in cell),
                len(cells) - 1,
            )
            return fold_name(header[index]) if 0 <= index < len(header) else None
    return None


def _header_problems(header: list[str], row: int, shown: str) -> list[Problem]:
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        return [
            Problem(
                message="The columns are not separated by commas.",
                remedy="Save the file as 'CSV UTF-8 (comma delimited)'.",
                file=shown,
                row=row,
            )
        ]
    problems = []
    seen: set[str] = set()
    for name in header:
        if name and name in seen:
            problems.append(
                Problem(
                    message="The column stands twice.",
                    remedy="Keep one of the two columns.",
                    file=shown,
                    row=row,
                    column=name,
                )
            )
        seen.add(name)
    return problems


def _fitted(cells: list[str], width: int) -> list[str] | None:
    """The cells in the width of the header; surplus cells must be empty."""
    if len(cells) < width or any(cells[width:]):
        return None
    return cells[:width]


def _width_problem(shown: str, row: int, cells: int, width: int) -> Problem:
    if cells < width:
        return Problem(
            message=f"The row has {cells} cells, the header has {width}; it may be cut here.",
            remedy="Complete the row, with a comma for every empty cell.",
            file=shown,
            row=row,
        )
    return Problem(
        message=f"The row has {cells} cells, the header has {width}.",
        remedy="Put a text that holds a comma in quotation marks, or remove the surplus cells.",
        file=shown,
        row=row,
    )
