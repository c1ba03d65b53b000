"""Of which files and seeds a build was made, so that whoever reads it later sees what changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import duckdb

from orchestration.lib.publishing.sql_text import identifier

SEEDS = "seeds/"


def landed_files(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, str]:
    """SHA-256 of every landed file, by `<source>/<file name>`.

    `database` is the name under which the connection has the build file.
    """
    found: dict[str, str] = {}
    for (schema,) in connection.execute(
        "select schema_name from duckdb_tables() where database_name = ?"
        " and table_name = '_landed_files' order by schema_name",
        [database],
    ).fetchall():
        table = f"{identifier(database)}.{identifier(str(schema))}._landed_files"
        rows = connection.execute(f"select file_name, landing from {table}").fetchall()  # noqa: S608
        source = str(schema).removeprefix("raw_")
        for name, landing in rows:
            found[f"{source}/{name}"] = str(json.loads(landing)["content_hash"])
    return found


def seed_files(folder: Path) -> dict[str, str]:
    """SHA-256 of every seed that a build read, by `seeds/<name>`."""
    return {
        f"{SEEDS}{file.relative_to(folder).as_posix()}": _hash(file)
        for file in sorted(folder.rglob("*.csv"))
    }


def changed_inputs(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """Names of what is new, gone or another one."""
    names = sorted({*before, *now})
    return tuple(name for name in names if before.get(name) != now.get(name))


def _hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
