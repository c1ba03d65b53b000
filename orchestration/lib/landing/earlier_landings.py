# ruff: noqa: S608 - names are quoted by identifier().
"""What an earlier landing left in the build file, and whether it can stay."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib.landing.column_names import ColumnAliases
from orchestration.lib.landing.csv_records import NoRowsError
from orchestration.lib.landing.reports import LandedTable
from orchestration.lib.landing.source_files import SourceFile
from orchestration.lib.landing.sql_text import identifier
from orchestration.lib.landing.table_specs import TableSpec
from orchestration.lib.problems import Notice

LANDED_FILES = "_landed_files"
# A file that was written so shortly before it was read may be written again without its times
# telling so: file systems and clocks are that coarse.
_SETTLED_NS = 10_000_000_000


@dataclass(frozen=True)
class FileState:
    """What tells a file from another one, and from itself after a change, without reading it.

    `is_settled` says that it had not been written for some time when this was taken.
    """

    size: int
    modified_ns: int
    changed_ns: int
    inode: int
    is_settled: bool

    def is_of_same_file(self, other: FileState) -> bool:
        """Whether nothing but the time that passed differs."""
        return replace(self, is_settled=True) == replace(other, is_settled=True)


@dataclass(frozen=True)
class Landing:
    """One table as a landing left it.

    Attributes:
        made_by: hash of everything but the file that shaped the table.
        state: the file when it was read.
        content_hash: SHA-256 of its bytes.
        version: version of the table.
        table: its line in the report.
        notices: what the report said of its file.
    """

    made_by: str
    state: FileState
    content_hash: str
    version: str
    table: LandedTable
    notices: tuple[Notice, ...]

    def to_json(self) -> str:
        """As `_landed_files` holds it."""
        return json.dumps(asdict(self), ensure_ascii=False)


def file_state(file: SourceFile) -> FileState:
    """The state of a file now.

    Raises:
        NoRowsError: it has no bytes.
    """
    now = time.time_ns()
    stat = file.path.stat()
    if stat.st_size == 0:
        raise NoRowsError(file.name)
    written = max(stat.st_mtime_ns, stat.st_ctime_ns)
    return FileState(
        stat.st_size,
        stat.st_mtime_ns,
        stat.st_ctime_ns,
        stat.st_ino,
        is_settled=now - written > _SETTLED_NS,
    )


def hash_file(path: Path) -> str:
    """SHA-256 of the bytes of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def made_by(file: SourceFile, spec: TableSpec, aliases: ColumnAliases) -> str:
    """A hash of the file's name, its table, its aliases, and the code that lands it."""
    names = sorted(aliases.get(spec.name, {}).items())
    parts = (file.name, file.form.name, spec, names, _code_version())
    return hashlib.sha256(repr(parts).encode()).hexdigest()


@cache
def _code_version() -> str:
    digest = hashlib.sha256(duckdb.__version__.encode())
    for module in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()


def read_landings(connection: duckdb.DuckDBPyConnection, schema: str) -> dict[str, Landing]:
    """The tables that stand in `schema` as a landing left them, by name."""
    try:
        rows = connection.execute(
            f"select landing from {identifier(schema)}.{identifier(LANDED_FILES)}"
        ).fetchall()
        landings = [_from_json(json.loads(text)) for (text,) in rows]
    except (duckdb.CatalogException, duckdb.BinderException, ValueError, KeyError, TypeError):
        return {}
    return {
        landing.table.table: landing for landing in landings if _stands(connection, schema, landing)
    }


def is_unchanged(landing: Landing, file: SourceFile, state: FileState, shaped_by: str) -> bool:
    """Whether landing `file` again would give the very same table and report."""
    if landing.made_by != shaped_by:
        return False
    if landing.state.is_settled and landing.state.is_of_same_file(state):
        return True
    return landing.state.size == state.size and landing.content_hash == hash_file(file.path)


def _stands(connection: duckdb.DuckDBPyConnection, schema: str, landing: Landing) -> bool:
    table = f"{identifier(schema)}.{identifier(landing.table.table)}"
    try:
        columns = [name for name, *_ in connection.execute(f"describe {table}").fetchall()]
        rows = connection.execute(f"select count(*) from {table}").fetchall()
    except duckdb.CatalogException:
        return False
    return rows == [(landing.table.rows,)] and columns == list(landing.table.columns)


def _from_json(content: dict[str, Any]) -> Landing:
    table = content["table"]
    return Landing(
        made_by=content["made_by"],
        state=FileState(**content["state"]),
        content_hash=content["content_hash"],
        version=content["version"],
        table=LandedTable(**{**table, "columns": tuple(table["columns"])}),
        notices=tuple(Notice(**notice) for notice in content["notices"]),
    )
