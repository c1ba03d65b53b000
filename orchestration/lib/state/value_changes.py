# ruff: noqa: S608 - names are quoted by identifier(), texts by literal().
"""Recording values that changed since the last publishing."""

from __future__ import annotations

import duckdb

from orchestration.lib.publishing.sql_text import identifier, identifiers, literal
from orchestration.lib.settings import Settings
from orchestration.lib.state.raw_tables import RECORD_ID, RawTable, recorded_tables

# In the place of a run: what a build noted that has not published yet.
_UNPUBLISHED = "unpublished"


def record_value_changes(
    connection: duckdb.DuckDBPyConnection, settings: Settings, run_id: str
) -> None:
    """Compare the raw rows of this build with those last published, and record the difference.

    Each value of a known record that is another one now becomes a row of `value_changes` with the
    value before, dated the as-of day. A day that was recorded before keeps the value that it
    began with. A record seen for the first time changes nothing: its values hold backwards. One
    that is gone stays in `last_seen_*`, so that its return is no first sight.

    `connection` is that of a `state_transaction`.
    """
    _forget_noted(connection)
    changed_date = _changed_date(connection, settings)
    for table in recorded_tables(connection, settings):
        last_seen = identifier(f"last_seen_{table.source}_{table.name}")
        seen_before = _columns(connection, f"last_seen_{table.source}_{table.name}")
        _read_rows(connection, table)
        if not seen_before:
            connection.execute(f"create table {last_seen} as select * from raw_rows")
        else:
            _read_differences(connection, table, last_seen, seen_before)
            _append_changes(connection, table, last_seen, seen_before, (changed_date, run_id))
            _replace_last_seen(connection, table, last_seen, seen_before)
            connection.execute("drop table different_rows")
        connection.execute("drop table raw_rows")


def note_value_changes(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """The same differences for the build that is going on, which scores past days too.

    They count as unpublished: the next build, and the publishing of this one, begin by forgetting
    them. `connection` is that of an `unpublished_transaction`.
    """
    _forget_noted(connection)
    changed_date = _changed_date(connection, settings)
    for table in recorded_tables(connection, settings):
        last_seen = f"last_seen_{table.source}_{table.name}"
        if seen_before := _columns(connection, last_seen):
            _read_rows(connection, table)
            _read_differences(connection, table, identifier(last_seen), seen_before)
            stamp = (changed_date, _UNPUBLISHED)
            _append_changes(connection, table, identifier(last_seen), seen_before, stamp)
            connection.execute("drop table different_rows")
            connection.execute("drop table raw_rows")


def _forget_noted(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("delete from value_changes where run_id = ?", [_UNPUBLISHED])


def _changed_date(connection: duckdb.DuckDBPyConnection, settings: Settings) -> str:
    """The as-of day, or the latest recorded one: what is seen later changed no earlier."""
    row = connection.execute("select max(changed_date) from value_changes").fetchone()
    latest = None if row is None else row[0]
    return max(settings.as_of_date, latest or settings.as_of_date).isoformat()


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[str, ...]:
    rows = connection.execute(
        "select column_name from duckdb_columns()"
        " where database_name = 'state' and table_name = ? order by column_index",
        [table],
    ).fetchall()
    return tuple(str(name) for (name,) in rows)


def _read_rows(connection: duckdb.DuckDBPyConnection, table: RawTable) -> None:
    """One row a record: of several, the newest, then the one whose text is greatest."""
    key = identifier(RECORD_ID)
    values = "".join(f", {text} as {identifier(column)}" for column, text in table.texts.items())
    texts = [table.texts[column] for column in sorted(table.texts)]
    order = ", ".join(f"{text} desc nulls last" for text in (*table.newest_first, *texts))
    connection.execute(
        f"create temp table doubled_records as select {table.key} as {key}"
        f" from {table.relation} group by all having count(*) > 1"
    )
    connection.execute(f"""
        create temp table raw_rows as
        select {table.key} as {key}{values}
        from {table.relation}
        where {table.key} is not null and {table.key} not in (select {key} from doubled_records
            where {key} is not null)
        union all
        select * from (select {table.key} as {key}{values} from {table.relation}
            where {table.key} in (select {key} from doubled_records)
            qualify row_number() over (partition by {table.key} order by {order or 1}) = 1)
    """)
    connection.execute("drop table doubled_records")


def _read_differences(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    last_seen: str,
    seen_before: tuple[str, ...],
) -> None:
    """The rows that are not as they were last seen, new ones among them."""
    key = identifier(RECORD_ID)
    is_other = " or ".join(
        f"{_value('now', column, table.texts)} is distinct from"
        f" {_value('past', column, seen_before)}"
        for column in _all_fields(table, seen_before)
    )
    connection.execute(f"""
        create temp table different_rows as
        select now.* from raw_rows as now
        left join {last_seen} as past on now.{key} = past.{key}
        where past.{key} is null or {is_other or "false"}
    """)


def _append_changes(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    last_seen: str,
    seen_before: tuple[str, ...],
    stamp: tuple[str, str],
) -> None:
    changed_date, run_id = stamp
    key = identifier(RECORD_ID)
    pairs = ", ".join(
        f"{{'field': {literal(column)}, 'before': {_value('past', column, seen_before)},"
        f" 'after': {_value('now', column, table.texts)}}}"
        for column in _all_fields(table, seen_before)
    )
    if not pairs:
        return
    source, entity = literal(table.source), literal(table.entity)
    day = f"cast({literal(changed_date)} as date)"
    connection.execute(
        f"""
        insert into value_changes
        with compared as (
            select now.{key} as record_id, unnest([{pairs}]) as pair
            from different_rows as now
            inner join {last_seen} as past on now.{key} = past.{key}
        ),
        known as (
            select record_id, field from value_changes
            where changed_date = {day} and source_name = {source} and entity = {entity}
        )
        select
            {source}, {entity}, compared.record_id, compared.pair.field, compared.pair.before,
            {day}, {literal(run_id)}
        from compared
        anti join known
            on compared.record_id = known.record_id and compared.pair.field = known.field
        where compared.pair.before is distinct from compared.pair.after
        """
    )


def _replace_last_seen(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    last_seen: str,
    seen_before: tuple[str, ...],
) -> None:
    key = identifier(RECORD_ID)
    columns = (RECORD_ID, *table.texts)
    if set(columns) == set(seen_before):
        connection.execute(
            f"delete from {last_seen} where {key} in (select {key} from different_rows)"
        )
        connection.execute(f"insert into {last_seen} by name select * from different_rows")
        return
    kept = ", ".join(
        f"{_value('past', column, seen_before)} as {identifier(column)}" for column in columns
    )
    connection.execute(f"""
        create temp table all_rows as
        select {identifiers(columns)} from raw_rows
        union all
        select {kept} from {last_seen} as past
        where past.{key} not in (select {key} from raw_rows)
    """)
    connection.execute(f"drop table {last_seen}")
    connection.execute(f"create table {last_seen} as select * from all_rows")
    connection.execute("drop table all_rows")


def _all_fields(table: RawTable, seen_before: tuple[str, ...]) -> list[str]:
    return sorted({*table.texts, *seen_before} - {RECORD_ID})


def _value(relation: str, column: str, known: object) -> str:
    """The column of a relation, unknown where the relation lacks it."""
    has_it = column in known  # type: ignore[operator]
    return f"{relation}.{identifier(column)}" if has_it else "cast(null as varchar)"
