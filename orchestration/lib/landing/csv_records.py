"""Reading CSV strictly and record by record: the header, faults with their place, odd files.

This is the slow way. It takes the header of every file, and whole files only where they are broken
or legal in a way that the fast way cannot vouch for.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from orchestration.lib.landing.column_names import fold_name, shown_name
from orchestration.lib.landing.text_files import (
    CHUNK_BYTES,
    Encoding,
    TextFile,
    encoding_of_head,
    open_bytes,
    open_text,
)
from orchestration.lib.landing.white_space import WHITE_SPACE
from orchestration.lib.problems import InputError, Problem

SEPARATORS = (",", ";", "\t")

# No cell of a CRM is longer; without a bound an unclosed quote would read the file into memory.
LONGEST_VALUE = 16 * 1024 * 1024


@dataclass(frozen=True)
class CsvHeader:
    """The first record of a CSV file and the separator that it was told by."""

    cells: tuple[str, ...]
    separator: str


@dataclass(frozen=True)
class PlainCsv:
    """A temporary CSV file in UTF-8, comma-separated, every value quoted, LF, with header.

    `rows` counts its records without the header; `blank_rows` those of the original that were
    left out; `longest_record` is in bytes.
    """

    path: Path
    rows: int
    blank_rows: int
    longest_record: int


def read_csv_header(text_file: TextFile, known: Collection[str]) -> CsvHeader:
    """Read the header from the first bytes of the file.

    The separator is the one (comma, semicolon, tab) by which most headers are `known` (folded
    names), then the one that gives most columns.

    Raises:
        InputError: the file holds no record, or its first record has no end.
    """
    with open_bytes(text_file) as stream:
        head = stream.read(CHUNK_BYTES)
    encoding = encoding_of_head(head)
    with open_text(text_file, encoding, mark=True) as stream_of_text:
        text = stream_of_text.read(CHUNK_BYTES)
    best: CsvHeader | None = None
    best_rank = (-1, -1)
    has_broken_quotes = False
    for separator in SEPARATORS:
        cells = _first_record(text, separator)
        if cells is None:
            has_broken_quotes = has_broken_quotes or bool(text.strip(WHITE_SPACE))
            continue
        rank = (len({fold_name(cell) for cell in cells} & set(known)), len(cells))
        if rank > best_rank:
            best, best_rank = CsvHeader(cells, separator), rank
    # By a separator that is not the file's, a header of quoted names is broken, or one long name.
    is_one_long_name = has_broken_quotes and best_rank <= (0, 1)
    if best is not None and not is_one_long_name:
        return best
    if not text.strip(WHITE_SPACE):
        raise NoRowsError(text_file.name)
    raise InputError(
        Problem(
            "The header cannot be read: a quote in it is not closed or stands in the wrong place.",
            'Quote whole names only, and write a quote within a name twice ("").',
            file=text_file.name,
            row=1,
        )
    )


class NoRowsError(InputError):
    """A file has no row of data."""

    def __init__(self, file: str) -> None:
        super().__init__(
            Problem(
                "The file has no rows of data.",
                "Export it again, or remove it from the folder if there is nothing to read.",
                file=file,
            )
        )


def write_plain_csv(
    text_file: TextFile, separator: str, columns: Sequence[str], destination: Path
) -> PlainCsv:
    """Read a CSV file in UTF-8 strictly and write it so that nobody can read it differently.

    Empty rows are left out. Line ends of any kind end a record; a quote within an unquoted field is
    a character like others.

    Args:
        text_file: the file.
        separator: its separator.
        columns: names of the columns of its header, for messages.
        destination: the file to write.

    Raises:
        InputError: a record has more or fewer values than the header, or its quotes are broken.
    """
    rows = blank_rows = longest = 0
    width = len(columns)
    with (
        open_text(text_file, Encoding.UTF_8) as source,
        destination.open("w", encoding="utf-8", newline="") as target,
    ):
        writer = csv.writer(target, quoting=csv.QUOTE_ALL, lineterminator="\n")
        lines = _RecordLines(source)
        is_header = True
        for record, row in _strict_records(lines, separator, text_file.name, columns):
            if not any(cell.strip(WHITE_SPACE) for cell in row):
                blank_rows += not is_header
                continue
            if len(row) != width:
                raise InputError(
                    _wrong_width(row, record, columns, text_file.name, is_cut=lines.is_cut)
                )
            written = writer.writerow(row)
            longest = max(longest, written * 4)
            rows += not is_header
            is_header = False
    return PlainCsv(destination, rows, blank_rows, longest)


def find_characters(
    text_file: TextFile, encoding: Encoding, separator: str, characters: str
) -> tuple[int, str | None]:
    """Find the first record with one of `characters` (a class of a regular expression).

    Returns:
        Its row (header 1), and the name of the column where there is one.
    """
    wanted = re.compile(f"[{characters}]")
    names: Sequence[str] = ()
    row = 0
    with open_text(text_file, encoding, mark=True) as source, longest_value(LONGEST_VALUE):
        reader = csv.reader(source, delimiter=separator)
        try:
            for row, cells in enumerate(reader, start=1):
                for index, cell in enumerate(cells):
                    if wanted.search(cell):
                        is_named = row > 1 and index < len(names)
                        return row, shown_name(names[index], index) if is_named else None
                if row == 1:
                    names = [fold_name(cell) for cell in cells]
        except csv.Error:
            return row + 1, None
    return row, None


@contextmanager
def longest_value(characters: int) -> Iterator[None]:
    """Let Python's csv module read values up to this length."""
    # The limit belongs to the whole process, so it is put back.
    before = csv.field_size_limit(characters)
    try:
        yield
    finally:
        csv.field_size_limit(before)


class _RecordLines:
    """The lines of a text, keeping those of the record that is being read."""

    def __init__(self, source: Iterable[str]) -> None:
        self._source = iter(source)
        self.of_record: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._source)
        self.of_record.append(line)
        return line

    @property
    def is_cut(self) -> bool:
        """Whether the last line lacks its line end, as a file that was cut does."""
        return bool(self.of_record) and not self.of_record[-1].endswith(("\n", "\r"))


def _strict_records(
    lines: _RecordLines, separator: str, file: str, columns: Sequence[str]
) -> Iterator[tuple[int, list[str]]]:
    record = 0
    with longest_value(LONGEST_VALUE):
        reader = csv.reader(lines, delimiter=separator, strict=True)
        while True:
            lines.of_record.clear()
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                text = "".join(lines.of_record)
                raise InputError(_broken_quotes(text, separator, file, record + 1, columns)) from (
                    error
                )
            record += 1
            yield record, row


def _broken_quotes(
    text: str, separator: str, file: str, row: int, columns: Sequence[str]
) -> Problem:
    """Say what is wrong with the quotes of a record, whose text is complete up to the fault."""
    index, is_open = _field_at_fault(text, separator)
    column = shown_name(columns[index], index) if index < len(columns) else None
    if len(text) > LONGEST_VALUE and not is_open:
        return Problem(
            f"A value is longer than {LONGEST_VALUE:,} characters.",
            "Shorten it, or export the file again if it is damaged.",
            file=file,
            row=row,
        )
    if is_open:
        return Problem(
            "A quote opens here and is never closed: the file is cut inside this record, "
            "or a quote is missing.",
            "Export the file again, or close the quote.",
            file=file,
            row=row,
            column=column,
        )
    return Problem(
        "A character follows the closing quote of a value.",
        'Quote the whole value, and write a quote within it twice ("").',
        file=file,
        row=row,
        column=column,
    )


def _field_at_fault(text: str, separator: str) -> tuple[int, bool]:
    """Index of the field whose quotes are broken, and whether its quote is never closed."""
    index, place = 0, 0
    while place < len(text):
        if text[place] == '"':
            closing = place + 1
            while True:
                closing = text.find('"', closing)
                if closing < 0:
                    return index, True
                if text[closing + 1 : closing + 2] != '"':
                    break
                closing += 2
            place = closing + 1
            if text[place : place + 1] not in (separator, "\n", "\r", ""):
                return index, False
        next_field = text.find(separator, place)
        if next_field < 0:
            break
        index, place = index + 1, next_field + 1
    return index, False


def _wrong_width(
    row: Sequence[str], record: int, columns: Sequence[str], file: str, *, is_cut: bool
) -> Problem:
    if len(row) < len(columns):
        cut = " The file ends here without a line end, so it seems to be cut." if is_cut else ""
        return Problem(
            f"The row has {len(row)} of {len(columns)} values; this column is the first without "
            f"one.{cut}",
            "Export the file again if it was cut, or add the missing separators.",
            file=file,
            row=record,
            column=shown_name(columns[len(row)], len(row)),
        )
    return Problem(
        f"The row has {len(row)} values, the header has {len(columns)} columns.",
        "Quote values that hold the separator, or remove the surplus separators.",
        file=file,
        row=record,
    )


def _first_record(text: str, separator: str) -> tuple[str, ...] | None:
    with longest_value(LONGEST_VALUE):
        try:
            for cells in csv.reader(
                io.StringIO(text, newline=""), delimiter=separator, strict=True
            ):
                if any(cell.strip(WHITE_SPACE) for cell in cells):
                    return tuple(cells)
        except csv.Error:
            return None
    return None
