# ruff: noqa: S608 - names are quoted by identifier(), texts by literal().
"""Files as a destination: written whole beside the old one, then put in its place."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from orchestration.lib.builds.reporting import Reporter
from orchestration.lib.exports.desired_rows import SNAPSHOT, ModelColumns
from orchestration.lib.exports.file.formats import write_csv, write_parquet
from orchestration.lib.exports.file.workbook import write_workbook
from orchestration.lib.exports.run_log import RunStamp, moment, transaction
from orchestration.lib.exports.sync import FieldMapping, Sync
from orchestration.lib.exports.texts import export_texts
from orchestration.lib.publishing.serving import sync as sync_to_disk
from orchestration.lib.publishing.sql_text import identifier, literal
from orchestration.lib.settings import Settings

_BESIDE = ".tmp-"
_KEPT = "('create', 'update', 'unchanged')"


@dataclass(frozen=True)
class WrittenFile:
    """The file, and what the run counts; `counts` are empty where nothing had changed."""

    file: Path
    counts: Mapping[str, int]
    notices: tuple[str, ...]


def file_of(settings: Settings, sync: Sync) -> Path:
    """Where the file of a sync lies."""
    suffix = sync.file.format if sync.file else "csv"
    return settings.workdir.exports / f"{sync.object_name}.{suffix}"


def write_file(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    stamp: RunStamp,
    columns: ModelColumns,
    as_of: date,
    reporter: Reporter,
) -> WrittenFile:
    """Write the rows of the table `plan` that may be sent, if one changed, came or went.

    `as_of` is the day of the snapshot.

    A file that somebody filled in where it lies is moved aside, never written over.
    """
    sync = stamp.sync
    file = file_of(settings, sync)
    if file.is_file() and not _has_changed(connection, sync):
        return WrittenFile(file, {}, ())
    reporter.advance(0, 0, file.name)
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f"{_BESIDE}{file.name}")
    beside.unlink(missing_ok=True)
    try:
        _write(connection, settings, sync, columns, as_of, beside)
        sync_to_disk(beside)
        digest = _hash(beside)
        # Noted before it is there, so that no file of ours is taken for one that was filled in.
        connection.execute(
            "insert into exports.written_files values (?, ?, ?)", [sync.name, file.name, digest]
        )
        notices = _move_aside(connection, sync, file)
        beside.replace(file)
        sync_to_disk(file.parent)
    finally:
        beside.unlink(missing_ok=True)
    return WrittenFile(file, _acknowledge(connection, stamp, file, digest), notices)


def _has_changed(connection: duckdb.DuckDBPyConnection, sync: Sync) -> bool:
    row = connection.execute(
        f"""
        select
            exists (select 1 from plan where seq is not null)
            or exists (
                select 1 from exports.export_rows
                where sync_name = {literal(sync.name)} and acked_hash is not null
                    and row_key not in (select row_key from plan where action in {_KEPT})
            )
        """
    ).fetchone()
    return row is not None and bool(row[0])


def _write(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    sync: Sync,
    columns: ModelColumns,
    as_of: date,
    file: Path,
) -> None:
    if sync.file is None:
        raise ValueError("a file has options")
    language = sync.language or settings.language
    mapping = sync.columns(settings.language)
    relation = _relation(sync, columns, mapping)
    texts = export_texts(settings, language, "")
    if sync.file.format == "parquet":
        write_parquet(connection, relation, file)
        return
    headers = [texts.get(f"column_{name}") or name for name in mapping]
    rows = connection.execute(relation)
    if sync.file.format == "csv":
        write_csv(rows, headers, file)
        return
    write_workbook(rows, headers, texts, settings, sync, as_of, file)


def _relation(sync: Sync, columns: ModelColumns, mapping: Mapping[str, FieldMapping]) -> str:
    """A query for the rows of the file, values in their own types."""
    key = identifier(columns.row_key)
    values = ", ".join(f"{_value(entry)} as {identifier(name)}" for name, entry in mapping.items())
    order: Sequence[str] = (*(sync.file.order_by if sync.file else ()), columns.row_key)
    ordered = ", ".join(f"{identifier(column)} nulls last" for column in order)
    return (
        f"select {values} from {SNAPSHOT}.{identifier(sync.model)}"
        f" where cast({key} as varchar) in (select row_key from plan where action in {_KEPT})"
        f" order by {ordered}"
    )


def _value(entry: FieldMapping) -> str:
    column = identifier(entry.column)
    return column if entry.round is None else f"round({column}, {entry.round})"


def _move_aside(connection: duckdb.DuckDBPyConnection, sync: Sync, file: Path) -> tuple[str, ...]:
    if not file.is_file():
        return ()
    known = connection.execute(
        "select 1 from exports.written_files where sync_name = ? and content_hash = ?",
        [sync.name, _hash(file)],
    ).fetchone()
    if known is not None:
        return ()
    kept = file.with_name(f"{file.stem}.filled-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{file.suffix}")
    file.rename(kept)
    return (f"{file.name} was changed since it was written; it is kept as {kept.name}.",)


def _acknowledge(
    connection: duckdb.DuckDBPyConnection, stamp: RunStamp, file: Path, digest: str
) -> dict[str, int]:
    name, now = literal(stamp.sync.name), literal(moment(datetime.now(UTC)))
    with transaction(connection):
        counts = dict(
            connection.execute(
                "select action, count(*) from plan where seq is not null group by action"
            ).fetchall()
        )
        connection.execute(
            f"""
            update exports.export_rows as state set
                acked_hash = plan.desired_hash, acked_fields = plan.fields,
                acked_mapping_hash = {literal(stamp.mapping_hash)}, status = 'acked',
                acked_count = state.acked_count + 1, acked_at = cast({now} as timestamp),
                attempts = 0, first_due_at = null, last_run = {literal(stamp.run_id)}
            from plan
            where state.sync_name = {name} and state.row_key = plan.row_key
                and plan.seq is not null
            """
        )
        removed = connection.execute(
            f"""
            delete from exports.export_rows
            where sync_name = {name} and acked_hash is not null
                and row_key not in (select row_key from plan where action in {_KEPT})
            returning row_key
            """
        ).fetchall()
        connection.execute(
            f"""
            insert into exports.export_row_events
            select {literal(stamp.run_id)}, {name}, row_key, action, 'accepted', null, null,
                nullif(array_to_string(changed_fields, ', '), ''), 1, cast({now} as timestamp)
            from plan where seq is not null
            """
        )
        connection.execute(
            "delete from exports.written_files where sync_name = ? and content_hash <> ?",
            [stamp.sync.name, digest],
        )
    return {
        "created_count": counts.get("create", 0),
        "updated_count": counts.get("update", 0),
        "deleted_count": len(removed),
    }


def _hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
