"""Preparing a CSV file for DuckDB."""

from __future__ import annotations

import shutil
from pathlib import Path

from orchestration.lib.landing.byte_scan import ByteScan, scan_bytes
from orchestration.lib.landing.column_names import (
    ColumnAliases,
    NamedColumns,
    known_names,
    name_columns,
)
from orchestration.lib.landing.csv_records import (
    CsvHeader,
    NoRowsError,
    find_characters,
    read_csv_header,
    write_plain_csv,
)
from orchestration.lib.landing.readable import ReadableFile
from orchestration.lib.landing.source_files import FileForm, SourceFile
from orchestration.lib.landing.sql_text import literal, path_literal
from orchestration.lib.landing.table_specs import TableSpec
from orchestration.lib.landing.text_files import (
    BROKEN_PLACE,
    CHUNK_BYTES,
    NO_CP932,
    Encoding,
    TextFile,
    encoding_by_mark,
    judge_encoding,
    open_bytes,
    open_text,
)
from orchestration.lib.landing.white_space import trimmed_sql
from orchestration.lib.problems import InputError, Notice, Problem

# DuckDB's own default; it holds 16 such lines in memory per thread.
_MAX_LINE_BYTES = 2 * 1024 * 1024


def name_csv_columns(file: SourceFile, spec: TableSpec, aliases: ColumnAliases) -> NamedColumns:
    """Read and name the columns of a CSV file from its header alone."""
    header = read_csv_header(_text_file(file), known_names(spec, aliases))
    return name_columns(header.cells, spec, aliases, file.name)


def prepare_csv(
    file: SourceFile, spec: TableSpec, aliases: ColumnAliases, scratch: Path
) -> ReadableFile:
    """Check the bytes of a CSV file and say how DuckDB is to read them.

    Args:
        file: the file.
        spec: its table.
        aliases: headers that stand for a column of the contract.
        scratch: private folder for a copy, where the file itself cannot be read by DuckDB.

    Raises:
        InputError: the file is cut, damaged, empty, or breaks the rules of CSV.
    """
    text_file = _text_file(file)
    notices: list[Notice] = []
    with open_bytes(text_file) as stream:
        encoding = encoding_by_mark(stream.read(4)) or Encoding.UTF_8
    header = read_csv_header(text_file, known_names(spec, aliases))
    scan: ByteScan | None = None
    if encoding is Encoding.UTF_8:
        scan = _scan(text_file, header)
        if not scan.is_utf8:
            encoding = _encoding_of_broken_utf8(text_file, header)
    if encoding is not Encoding.UTF_8:
        text_file = _copy_as_utf8(text_file, encoding, header, scratch / f"{spec.name}.utf8.csv")
        notices.append(Notice(f"Read as {encoding.label}.", file.name))
        scan = _scan(text_file, header)
    if scan is None or scan.has_nul:
        raise InputError(_nul_problem(text_file, header))

    columns = name_columns(header.cells, spec, aliases, file.name)
    notices.extend(columns.notices)

    def reread() -> ReadableFile:
        plain = write_plain_csv(
            text_file, header.separator, columns.names, scratch / f"{spec.name}.plain.csv"
        )
        if plain.rows == 0:
            raise NoRowsError(file.name)
        return ReadableFile(
            file=file,
            columns=columns.names,
            relation=csv_relation(
                plain.path, len(columns.names), longest_record=plain.longest_record
            ),
            values=csv_values(len(columns.names)),
            expected_rows=plain.rows,
            skipped_blank_rows=plain.blank_rows,
            reread=None,
            notices=tuple(notices),
        )

    if not scan.is_regular:
        return reread()
    if scan.records < 2:
        raise NoRowsError(file.name)
    # In a file of one column an empty line is a row to DuckDB, else it is nothing.
    is_single = len(columns.names) == 1
    return ReadableFile(
        file=file,
        columns=columns.names,
        relation=csv_relation(
            text_file.path,
            len(columns.names),
            separator=header.separator,
            is_gzip=text_file.is_gzip,
        ),
        values=csv_values(len(columns.names)),
        expected_rows=scan.records - 1 + (scan.blank_lines if is_single else 0),
        skipped_blank_rows=0 if is_single else scan.blank_lines,
        reread=reread,
        notices=tuple(notices),
    )


def csv_relation(
    path: Path,
    column_count: int,
    *,
    separator: str = ",",
    is_gzip: bool = False,
    longest_record: int = 0,
) -> str:
    """SQL that reads a CSV file in UTF-8 with header as text columns c0, c1, ...

    Nothing is left to DuckDB to find out but the line end: told that it is CR LF, DuckDB 2.0 gives
    no rows.
    """
    columns = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(column_count))
    options = {
        "auto_detect": "false",
        "header": "true",
        "columns": "{" + columns + "}",
        "delim": literal(separator),
        "quote": literal('"'),
        "escape": literal('"'),
        "comment": literal(""),
        "nullstr": literal(""),
        "compression": literal("gzip" if is_gzip else "none"),
        "encoding": literal("utf-8"),
        "strict_mode": "true",
        "null_padding": "false",
        "ignore_errors": "false",
        "hive_partitioning": "false",
        "max_line_size": str(max(_MAX_LINE_BYTES, longest_record)),
    }
    listed = ", ".join(f"{name} = {value}" for name, value in options.items())
    return f"read_csv({path_literal(path)}, {listed})"


def csv_values(column_count: int) -> tuple[str, ...]:
    """SQL of the trimmed values of such a relation."""
    return tuple(trimmed_sql(f"c{index}") for index in range(column_count))


def _text_file(file: SourceFile) -> TextFile:
    return TextFile(file.name, file.path, is_gzip=file.form is FileForm.CSV_GZIP)


def _scan(text_file: TextFile, header: CsvHeader) -> ByteScan:
    with open_bytes(text_file) as stream:
        return scan_bytes(stream, header.separator, len(header.cells))


def _encoding_of_broken_utf8(text_file: TextFile, header: CsvHeader) -> Encoding:
    verdict = judge_encoding(text_file)
    if verdict.is_valid:
        return verdict.encoding
    raise InputError(_broken_character(text_file, verdict.encoding, header, is_cut=verdict.is_cut))


def _copy_as_utf8(
    text_file: TextFile, encoding: Encoding, header: CsvHeader, destination: Path
) -> TextFile:
    try:
        with (
            open_text(text_file, encoding) as source,
            destination.open("w", encoding="utf-8", newline="") as target,
        ):
            shutil.copyfileobj(source, target, CHUNK_BYTES)
    except UnicodeError as error:
        # A codec that is asked to end in the middle of a character says so in these words.
        is_cut = "truncated" in str(error) or "unexpected end" in str(error)
        raise InputError(_broken_character(text_file, encoding, header, is_cut=is_cut)) from error
    return TextFile(text_file.name, destination, is_gzip=False)


def _broken_character(
    text_file: TextFile, encoding: Encoding, header: CsvHeader, *, is_cut: bool
) -> Problem:
    characters = BROKEN_PLACE + (NO_CP932 if encoding is Encoding.CP932 else "")
    row, column = find_characters(text_file, encoding, header.separator, characters)
    if is_cut:
        message = f"The file ends in the middle of a character of {encoding.label}, so it is cut."
    elif encoding is Encoding.CP932:
        message = "A byte here is no part of a character, neither in UTF-8 nor in CP932."
    else:
        message = f"A byte here is no part of a character of {encoding.label}."
    return Problem(
        message, "Export the file again as UTF-8.", file=text_file.name, row=row, column=column
    )


def _nul_problem(text_file: TextFile, header: CsvHeader) -> Problem:
    row, column = find_characters(text_file, Encoding.UTF_8, header.separator, r"\0")
    return Problem(
        "There is a zero byte here, which no text has; the file is damaged or not a CSV file.",
        "Export the file again as CSV in UTF-8.",
        file=text_file.name,
        row=row,
        column=column,
    )
