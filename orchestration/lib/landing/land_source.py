# ruff: noqa: S608 - names are quoted by identifier(), relations by the modules that write them.
"""Landing the files of a source into its raw schema, all of them or none."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import duckdb

from orchestration.lib.landing.column_names import ColumnAliases, NamedColumns
from orchestration.lib.landing.csv_files import name_csv_columns, prepare_csv
from orchestration.lib.landing.csv_records import NoRowsError
from orchestration.lib.landing.earlier_landings import (
    LANDED_FILES,
    FileState,
    Landing,
    file_state,
    hash_file,
    is_unchanged,
    made_by,
    read_landings,
)
from orchestration.lib.landing.parquet_files import (
    name_parquet_columns,
    parquet_is_broken,
    prepare_parquet,
)
from orchestration.lib.landing.readable import ReadableFile, without_rows
from orchestration.lib.landing.reports import LandedTable, LandingReport
from orchestration.lib.landing.scratch_folder import scratch_folder
from orchestration.lib.landing.source_files import FileForm, SourceFile, find_source_files
from orchestration.lib.landing.sql_text import identifier
from orchestration.lib.landing.table_specs import TableSpec
from orchestration.lib.landing.workbook_files import name_workbook_columns, prepare_workbook
from orchestration.lib.problems import InputError, Notice, Problem
from orchestration.lib.versions import MOST_HASHED_ROWS, hash_rows, write_version


def read_source_columns(
    raw_dir: Path, specs: Sequence[TableSpec], aliases: ColumnAliases
) -> dict[str, tuple[str, ...]]:
    """Read the headers of a source's files, not their rows.

    Returns:
        Per table that has a file, its canonical column names in file order.

    Raises:
        InputError: a file or a required column is missing, or a header cannot be read.
    """
    files = find_source_files(raw_dir, specs)
    columns: dict[str, tuple[str, ...]] = {}
    problems: list[Problem] = []
    with closing(duckdb.connect()) as connection:
        for spec in specs:
            if (file := files.get(spec.name)) is None:
                continue
            try:
                columns[spec.name] = _name_columns(connection, file, spec, aliases).names
            except InputError as error:
                problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return columns


def land_source(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    raw_dir: Path,
    specs: Sequence[TableSpec],
    aliases: ColumnAliases,
    progress: Callable[[str], None] | None = None,
    *,
    is_full_refresh: bool = False,
    scratch: Path | None = None,
) -> LandingReport:
    """Replace the tables of schema `raw_<source>` by the files of a folder, in one transaction.

    A table whose file is what it was at the last landing is left as it is, and reported as it was.

    Every column becomes VARCHAR, trimmed, unknown where empty: those of the file in file order,
    then those of the spec that it lacks. A table without a file has the columns of its spec and no
    rows; where folders are exports of a warehouse, one notice names all such tables.
    Rows stand in file order (`rowid`), empty rows are left out. The table `_landed_files` lists
    `table_name, file_name, row_count` of what was read; its column `landing` is what the next
    landing compares. Every table bears a version.

    Args:
        connection: a connection to the warehouse, not within a transaction.
        source: name of the source.
        raw_dir: folder with the files, see `find_source_files`.
        specs: the tables of the source.
        aliases: per table, headers that stand for a column.
        progress: is told in a few words what is being done.
        is_full_refresh: read every file, whether it changed or not.
        scratch: folder for copies in UTF-8, made and removed again; by default one of the system.

    Raises:
        InputError: something is wrong with the files; the tables stay as they were.
    """
    tell = progress or _tell_nobody
    files = find_source_files(raw_dir, specs)
    earlier = {} if is_full_refresh else read_landings(connection, f"raw_{source}")
    states: dict[str, FileState] = {}
    shaped_by: dict[str, str] = {}
    kept: dict[str, Landing] = {}
    readable: dict[str, ReadableFile] = {}
    problems: list[Problem] = []
    with scratch_folder(scratch) as copies:
        for spec in specs:
            if (file := files.get(spec.name)) is None:
                continue
            tell(f"Checking {file.name}")
            try:
                state = states[spec.name] = file_state(file)
                shape = shaped_by[spec.name] = made_by(file, spec, aliases)
                landing = earlier.get(spec.name)
                if landing is not None and is_unchanged(landing, file, state, shape):
                    kept[spec.name] = replace(landing, state=state)
                    continue
                readable[spec.name] = _prepare(connection, file, spec, aliases, copies)
            except InputError as error:
                problems.extend(error.problems)
        if problems:
            raise InputError(problems)
        while True:
            try:
                return _load(connection, source, specs, kept, readable, states, shaped_by, tell)
            except _RefusedFileError as refused:
                table = refused.readable.file.table
                tell(f"Checking every row of {refused.readable.file.name}")
                readable[table] = _prepare_again(refused.readable)


class _RefusedFileError(Exception):
    """DuckDB cannot read a file, or gives another number of rows than it has."""

    def __init__(self, readable: ReadableFile) -> None:
        self.readable = readable
        super().__init__(readable.file.name)


def _name_columns(
    connection: duckdb.DuckDBPyConnection,
    file: SourceFile,
    spec: TableSpec,
    aliases: ColumnAliases,
) -> NamedColumns:
    match file.form:
        case FileForm.CSV | FileForm.CSV_GZIP:
            return name_csv_columns(file, spec, aliases)
        case FileForm.PARQUET:
            return name_parquet_columns(connection, file, spec, aliases)
        case FileForm.XLSX:
            return name_workbook_columns(file, spec, aliases)


def _prepare(
    connection: duckdb.DuckDBPyConnection,
    file: SourceFile,
    spec: TableSpec,
    aliases: ColumnAliases,
    scratch: Path,
) -> ReadableFile:
    try:
        return _prepare_form(connection, file, spec, aliases, scratch)
    except NoRowsError:
        if not spec.may_be_empty:
            raise
        return without_rows(file, _name_columns(connection, file, spec, aliases))


def _prepare_form(
    connection: duckdb.DuckDBPyConnection,
    file: SourceFile,
    spec: TableSpec,
    aliases: ColumnAliases,
    scratch: Path,
) -> ReadableFile:
    match file.form:
        case FileForm.CSV | FileForm.CSV_GZIP:
            return prepare_csv(file, spec, aliases, scratch)
        case FileForm.PARQUET:
            return prepare_parquet(connection, file, spec, aliases)
        case FileForm.XLSX:
            return prepare_workbook(file, spec, aliases, scratch)


def _prepare_again(readable: ReadableFile) -> ReadableFile:
    if readable.reread is not None:
        return readable.reread()
    name = readable.file.name
    if readable.file.form is FileForm.PARQUET:
        raise InputError(parquet_is_broken(name))
    raise InputError(
        Problem("The file cannot be read as a table.", "Export it again as CSV in UTF-8.", name)
    )


def _load(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    specs: Sequence[TableSpec],
    kept: Mapping[str, Landing],
    readable: Mapping[str, ReadableFile],
    states: Mapping[str, FileState],
    shaped_by: Mapping[str, str],
    tell: Callable[[str], None],
) -> LandingReport:
    schema = identifier(f"raw_{source}")
    ordered = connection.execute("select current_setting('preserve_insertion_order')").fetchone()
    connection.execute("set preserve_insertion_order = true")
    tables: list[LandedTable] = []
    landings: list[Landing] = []
    notices: list[Notice] = []
    connection.begin()
    try:
        _clear_schema(connection, source, kept)
        for spec in specs:
            if (landing := kept.get(spec.name)) is not None:
                landings.append(landing)
                tables.append(landing.table)
                notices.extend(landing.notices)
                continue
            file = readable.get(spec.name)
            if file is None:
                tables.append(_create_empty(connection, schema, spec))
                continue
            tell(f"Landing {file.file.name}")
            table, blank_rows = _create_table(connection, schema, spec, file)
            tables.append(table)
            said = file.notices
            if blank_rows:
                said += (_blank_rows_notice(blank_rows, file.file.name),)
            notices.extend(said)
            digest = hash_file(file.file.path)
            if not file_state(file.file).is_of_same_file(states[spec.name]):
                raise InputError(_changed(file.file.name))
            shape = shaped_by[spec.name]
            version = _write_version(connection, schema, table, f"{shape} {digest}")
            state = states[spec.name]
            landings.append(Landing(shape, state, digest, version, table, tuple(said)))
        _create_landed_files(connection, schema, landings)
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    finally:
        if ordered is not None and not ordered[0]:
            connection.execute("set preserve_insertion_order = false")
    notices += _absence_notices(source, specs, tables)
    return LandingReport(tuple(tables), tuple(notices))


def _clear_schema(
    connection: duckdb.DuckDBPyConnection, source: str, kept: Mapping[str, Landing]
) -> None:
    """Leave nothing in the schema of a source but the tables that stay."""
    schema = f"raw_{source}"
    connection.execute(f"create schema if not exists {identifier(schema)}")
    for name, kind in connection.execute(
        "select table_name, table_type from information_schema.tables"
        " where table_catalog = current_database() and table_schema = ?",
        [schema],
    ).fetchall():
        if name not in kept:
            what = "view" if kind == "VIEW" else "table"
            connection.execute(f"drop {what} {identifier(schema)}.{identifier(name)}")


def _write_version(
    connection: duckdb.DuckDBPyConnection, schema: str, landed: LandedTable, made_of: str
) -> str:
    """Small tables are as new as their content, large ones as their file."""
    table = f"{schema}.{identifier(landed.table)}"
    version = hashlib.sha256(made_of.encode()).hexdigest()
    if landed.rows <= MOST_HASHED_ROWS:
        version = hash_rows(connection, table, is_ordered=True)
    write_version(connection, table, version)
    return version


def _create_table(
    connection: duckdb.DuckDBPyConnection, schema: str, spec: TableSpec, file: ReadableFile
) -> tuple[LandedTable, int]:
    """Create a table from its file; return it and how many empty rows of the file were left out."""
    table = f"{schema}.{identifier(spec.name)}"
    missing = tuple(column for column in spec.columns if column not in file.columns)
    columns = [
        f"{value} as {identifier(column)}"
        for value, column in zip(file.values, file.columns, strict=True)
    ]
    columns += [f"cast(null as varchar) as {identifier(column)}" for column in missing]
    try:
        connection.execute(
            f"create table {table} as select {', '.join(columns)} from {file.relation}"
        )
        rows = _count(connection, table)
    except (duckdb.OutOfMemoryException, duckdb.InterruptException, duckdb.FatalException):
        raise
    except duckdb.Error as error:
        if "No space left" in str(error):
            raise
        raise _RefusedFileError(file) from error
    if file.expected_rows is not None and rows != file.expected_rows:
        raise _RefusedFileError(file)

    is_filled = f"coalesce({', '.join(map(identifier, file.columns))}) is not null"
    blank_rows = rows - _count(connection, f"{table} where {is_filled}")
    if blank_rows:
        # Written anew rather than deleted from, so that row numbers have no gaps.
        filled = f"{schema}.{identifier('_filled_rows')}"
        connection.execute(f"create table {filled} as select * from {table} where {is_filled}")
        connection.execute(f"drop table {table}")
        connection.execute(f"alter table {filled} rename to {identifier(spec.name)}")
    if rows == blank_rows and not spec.may_be_empty:
        raise NoRowsError(file.file.name)
    landed = LandedTable(
        spec.name, file.file.name, rows - blank_rows, tuple(file.columns) + missing
    )
    return landed, file.skipped_blank_rows + blank_rows


def _create_empty(
    connection: duckdb.DuckDBPyConnection, schema: str, spec: TableSpec
) -> LandedTable:
    columns = ", ".join(f"{identifier(column)} varchar" for column in spec.columns)
    connection.execute(f"create table {schema}.{identifier(spec.name)} ({columns})")
    landed = LandedTable(spec.name, None, 0, spec.columns)
    _write_version(connection, schema, landed, "")
    return landed


def _create_landed_files(
    connection: duckdb.DuckDBPyConnection, schema: str, landings: Sequence[Landing]
) -> None:
    name = f"{schema}.{identifier(LANDED_FILES)}"
    connection.execute(
        f"create or replace table {name}"
        " (table_name varchar, file_name varchar, row_count bigint, landing varchar)"
    )
    for landing in landings:
        table = landing.table
        connection.execute(
            f"insert into {name} values (?, ?, ?, ?)",
            [table.table, table.file, table.rows, landing.to_json()],
        )


def _count(connection: duckdb.DuckDBPyConnection, rows_of: str) -> int:
    counted = connection.execute(f"select count(*) from {rows_of}").fetchone()
    return 0 if counted is None else int(counted[0])


def _absence_notices(
    source: str, specs: Sequence[TableSpec], tables: Sequence[LandedTable]
) -> list[Notice]:
    """What an export of a warehouse lacks, all of it in one notice of each kind."""
    notices: list[Notice] = []
    exported = {spec.name for spec in specs if spec.is_export}
    absent = [table.table for table in tables if table.file is None and table.table in exported]
    if absent:
        notices.append(absent_tables_notice(source, absent))
    empty = [table.file for table in tables if table.file is not None and table.rows == 0]
    if empty:
        notices.append(
            Notice(f"{source}: these files have a header and no rows: {', '.join(empty)}.")
        )
    return notices


def absent_tables_notice(source: str, tables: Sequence[str]) -> Notice:
    """The one notice about all optional tables that a source does not bring."""
    return Notice(f"{source}: these tables are not there and count as empty: {', '.join(tables)}.")


def _blank_rows_notice(rows: int, file: str) -> Notice:
    return Notice(
        "1 empty row was ignored." if rows == 1 else f"{rows:,} empty rows were ignored.", file
    )


def _changed(file: str) -> Problem:
    return Problem(
        "The file changed while it was read.",
        "Start again when it is complete.",
        file=file,
    )


def _tell_nobody(_: str) -> None:
    return
