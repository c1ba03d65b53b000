# ruff: noqa: S608 - names are quoted by identifier(), texts by literal().
"""The rows of raw tables by hour, and what is amiss with them: computed in DuckDB, in one pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from orchestration.lib.inspection.prepared_seeds import read_prepared_seed
from orchestration.lib.publishing.sql_text import literal
from orchestration.lib.quality.checked_tables import CheckedTable
from orchestration.lib.quality.macros import macro_sql
from orchestration.lib.settings import Settings

# As many kinds of types are told apart; more would be no types.
_TYPE_BUCKETS = 1024


def write_moments(
    connection: duckdb.DuckDBPyConnection, settings: Settings, tables: Sequence[CheckedTable]
) -> None:
    """Create the temp table `raw_moments`: the rows of every table by hour and what is amiss.

    Columns: table_id, day and hour in the business time zone (null where no time can be read; the
    hour also where only a day is said), type_bucket, is_unknown_type, lacks_key, lacks_person,
    is_unknown_person, row_count.
    """
    connection.execute("""
        create or replace temp table raw_moments (
            table_id varchar, day date, hour integer, type_bucket bigint, is_unknown_type boolean,
            lacks_key boolean, lacks_person boolean, is_unknown_person boolean, row_count bigint
        )
    """)
    _write_known_types(connection, settings)
    by_id = {table.table_id: table for table in tables}
    for table in tables:
        _write_known_persons(connection, table, by_id)
        _append_moments(connection, settings, table, by_id)


def _append_moments(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    table: CheckedTable,
    by_id: Mapping[str, CheckedTable],
) -> None:
    person = table.person or "null"
    is_looked_up = table.known_in is not None and table.known_in[0] in by_id
    unknown_person = (
        f"lower({person}) not in (select person from known_persons)" if is_looked_up else "false"
    )
    # The minutes make no difference here, and without them few texts are left to be read as times.
    connection.execute(f"""
        create or replace temp table rows_by_text as
        select
            case
                when moment like '2___-__-__T__:__:__Z' then left(moment, 13) || ':00:00Z'
                when moment like '2___-__-__ __:__:__' then left(moment, 13) || ':00:00'
                else regexp_replace(
                    moment,
                    '^([0-9]{{4}}[-/][0-9]{{1,2}}[-/][0-9]{{1,2}}[T ][0-9]{{1,2}})'
                    ':[0-9]{{2}}(:[0-9]{{2}}([.][0-9]+)?)?',
                    '\\1:00:00'
                )
            end as moment_text,
            cast(hash(type_text) % {_TYPE_BUCKETS} as bigint) as type_bucket,
            type_text is not null
            and lower(type_text) not in (
                select type_text from known_types where table_id = {literal(table.table_id)}
            ) as is_unknown_type,
            lacks_key,
            lacks_person,
            is_unknown_person,
            count(*) as row_count
        from (
            select
                {table.time or "null"}::varchar as moment,
                {table.type or "null"}::varchar as type_text,
                {f"({table.key}) is null" if table.key else "false"} as lacks_key,
                {f"({person}) is null" if table.person else "false"} as lacks_person,
                coalesce({unknown_person}, false) as is_unknown_person
            from {table.relation} as raw
        )
        group by all
    """)
    root, timezone = settings.project_root, settings.timezone
    parsed = macro_sql(root, timezone, "parse_timestamp", "texts.moment_text")
    day = macro_sql(root, timezone, "business_day", "read_texts.moment")
    connection.execute(f"""
        insert into raw_moments
        with
        texts as (select distinct moment_text from rows_by_text),
        read_texts as (select moment_text, {parsed} as moment from texts)
        select
            {literal(table.table_id)},
            {day},
            case
                when contains(read_texts.moment_text, ':')
                    then extract(
                        hour from timezone({literal(timezone)}, timezone('UTC', read_texts.moment))
                    )
            end,
            counted.type_bucket,
            counted.is_unknown_type,
            counted.lacks_key,
            counted.lacks_person,
            counted.is_unknown_person,
            sum(counted.row_count)
        from rows_by_text as counted
        left join read_texts
            on counted.moment_text = read_texts.moment_text
        group by all
    """)


def _write_known_types(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """The types of events that mean something here: standard names, and what names translate."""
    types = {
        (row["event_type"] or "").lower()
        for row in read_prepared_seed(settings.workdir, "reference", "event_types")
    }
    named = {
        (f"{row['source']}.{row['source_table']}", (row["pattern"] or "").lower())
        for row in read_prepared_seed(settings.workdir, "reference", "event_names")
        if row["match"] == "equals"
    }
    connection.execute(
        "create or replace temp table known_types (table_id varchar, type_text varchar)"
    )
    rows = [*named, *((table, name) for table in ("file.events", "file.touches") for name in types)]
    rows += [("segment.tracks", name) for name in types]
    if rows:
        connection.executemany("insert into known_types values (?, ?)", rows)


def _write_known_persons(
    connection: duckdb.DuckDBPyConnection,
    table: CheckedTable,
    by_id: Mapping[str, CheckedTable],
) -> None:
    if table.known_in is None or table.known_in[0] not in by_id:
        return
    known = by_id[table.known_in[0]]
    text = known.texts.get(table.known_in[1], "null::varchar")
    connection.execute(f"""
        create or replace temp table known_persons as
        select distinct lower({text}) as person
        from {known.relation} as raw
        where ({text}) is not null
    """)
