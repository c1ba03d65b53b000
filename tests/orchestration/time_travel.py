"""The tables of a world without anything later than a day, or with all of it made nonsense of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random

import duckdb

from tests.orchestration.building import read_rows, write_rows
from tests.orchestration.strategies import Row
from tests.orchestration.time_worlds import (
    AS_OF,
    DAY_COLUMNS,
    ENGAGEMENTS,
    RECORDS,
    TABLES,
    RawTables,
    Table,
    cut_off,
    is_later,
    properties,
    sql_name,
)

# Columns that hold a time; occasions keep the day in the name of their list.
TIME_ENDINGS = ("date", "timestamp", "_time", "created", "_at")


def later_rows(table: Table, day: date = AS_OF) -> str:
    """The condition that a row of a table came about after the day."""
    if not table.owner:
        return f"try_cast({table.at} as timestamp) >= timestamp '{cut_off(day)}'"
    owner = next(other for other in TABLES if other.name == table.owner)
    keys = f"select {owner.key} from {sql_name(owner.name)} where {later_rows(owner, day)}"
    return f"{table.key} in ({keys})"


# --- Nothing later --------------------------------------------------------------------------------


def write_past(
    raw: Path,
    folder: Path,
    day: date = AS_OF,
    change: Callable[[RawTables], None] | None = None,
) -> Path:
    """Write the world as it stood at the end of a day; `change` may do more to its tables."""
    with duckdb.connect() as connection:
        tables = RawTables(connection, raw)
        rewind_records(tables, day)
        delete_later(tables, day)
        if change is not None:
            change(tables)
        tables.write(folder)
    for name, column in DAY_COLUMNS.items():
        rows = read_rows(raw / "file" / f"{name}.csv")
        kept = [row for row in rows if not is_later(row, column, day)]
        write_rows(folder / "file" / f"{name}.csv", list(rows[0]), kept)
    return folder


def rewind_records(tables: RawTables, day: date) -> None:
    """Give every record the values that its history had at the end of the day."""
    end = cut_off(day)
    for record, key, history_key in RECORDS:
        for name in properties(tables, record):
            tables.run(
                f"""
                update hubspot.{record} as records
                set property_{name} = (
                    select max_by(coalesce(value, ''), timestamp)
                    from hubspot.{record}_property_history as histories
                    where histories.{history_key} = records.{key}
                        and histories.name = '{name}' and histories.timestamp < '{end}'
                )
                """
            )
    tables.run(
        "update hubspot.deal set deal_pipeline_stage_id ="
        " coalesce(property_dealstage, deal_pipeline_stage_id)"
    )
    # How a meeting ended is known when it has begun.
    tables.run(
        "update hubspot.engagement_meeting set property_hs_meeting_outcome = null"
        f" where property_hs_meeting_start_time >= '{end}'"
    )
    # Who was merged or deleted since was there on the day.
    for record, flag in (("contact", "_fivetran_deleted"), ("company", "is_deleted")):
        tables.run(
            f"update hubspot.{record} set {flag} = 'false'"
            f" where {flag} = 'true' and _fivetran_synced >= '{end}'"
        )
    tables.run(
        f"""
        update hubspot.contact as contacts set property_hs_merged_object_ids = (
            select string_agg(merged_id, ';')
            from unnest(string_split(contacts.property_hs_merged_object_ids, ';')) as l(merged_id)
            where merged_id not in (
                select vid_to_merge from hubspot.contact_merge_audit where timestamp >= '{end}'
            )
        )
        where property_hs_merged_object_ids is not null
        """
    )


def delete_later(tables: RawTables, day: date) -> None:
    """Take away every row that came about after the day."""
    gone = " union all ".join(
        f"select engagement_id from {sql_name(table.name)} where {later_rows(table, day)}"
        for table in TABLES
        if table.name in ENGAGEMENTS
    )
    tables.run(f"create temp table gone as {gone}")
    tables.run("delete from hubspot.engagement where id in (from gone)")
    for other in ("contact", "company", "deal"):
        tables.run(f"delete from hubspot.engagement_{other} where engagement_id in (from gone)")
    # Owned rows first: they are known by the rows of their owners.
    for table in sorted(TABLES, key=lambda table: not table.owner):
        tables.run(f"delete from {sql_name(table.name)} where {later_rows(table, day)}")


# --- Nonsense later -------------------------------------------------------------------------------


def write_nonsense(raw: Path, folder: Path) -> Path:
    """Write the world with everything later than the day mixed up, and much more of it."""
    with duckdb.connect() as connection:
        tables = RawTables(connection, raw)
        mix_later_rows(tables)
        add_later_rows(tables)
        change_values(tables)
        change_meetings(tables)
        remove_records(tables)
        tables.write(folder)
    for name, rows in nonsense_files(raw / "file").items():
        write_rows(folder / "file" / f"{name}.csv", list(rows[0]), rows)
    return folder


def mix_later_rows(tables: RawTables) -> None:
    """Whoever, whatever, whenever later: the values of later rows change places, by column."""
    for table in (table for table in TABLES if not table.owner):
        name = sql_name(table.name)
        for place, column in enumerate(tables.columns(name)):
            if column == table.key:
                continue
            tables.run(
                f"""
                with later as (
                    select rowid as row_id, {column} as given,
                        row_number() over (order by rowid) as place,
                        row_number() over (order by hash(rowid + {1000 * place})) as other_place
                    from {name} where {later_rows(table)}
                )
                update {name} set {column} = others.given
                from later inner join later as others on later.place = others.other_place
                where {name}.rowid = later.row_id
                """
            )


def add_later_rows(tables: RawTables) -> None:
    """All that was done before is done again later by somebody else; browsers take other names."""
    for table in (table for table in TABLES if table.key and table.at):
        name = sql_name(table.name)
        changes = [f"{table.key} || '-later' as {table.key}"]
        changes += [
            f"(try_cast({column} as timestamp) + interval 4000 day)::varchar as {column}"
            for column in tables.columns(name)
            if column.endswith(TIME_ENDINGS)
        ]
        tables.run(
            f"insert into {name} select * replace ({', '.join(changes)}) from {name}"
            f" where not coalesce({later_rows(table)}, true)"
        )
    for owned in (table for table in TABLES if table.owner):
        key = owned.key
        tables.run(
            f"insert into {sql_name(owned.name)}"
            f" select * replace ({key} || '-later' as {key}) from {sql_name(owned.name)}"
        )
    for other, key in (("contact", "contact_id"), ("company", "company_id")):
        tables.run(
            f"""
            insert into hubspot.engagement_{other}
            select * replace (
                engagement_id || '-later' as engagement_id,
                lag({key}) over (order by engagement_id, {key}) as {key}
            )
            from hubspot.engagement_{other}
            """
        )
    tables.run(
        "insert into hubspot.engagement select * replace (id || '-later' as id)"
        " from hubspot.engagement"
    )
    tables.run(
        """
        insert into segment.identifies
        select * replace (
            id || '-other' as id,
            coalesce(lag(email) over (order by timestamp, id), 'one@one.example') as email,
            '2026-10-05 01:02:03' as timestamp
        )
        from segment.identifies
        where not contains(id, '-later')
        """
    )


def change_values(tables: RawTables) -> None:
    """Later every record has the values of another one."""
    for record, key, history_key in RECORDS:
        for place, name in enumerate(properties(tables, record)):
            tables.run(
                f"""
                update hubspot.{record} as records set property_{name} = mixed.given
                from (
                    select {key} as record_id,
                        lead(property_{name}, {place % 7 + 1})
                            over (order by hash({key} || '{place % 3}')) as given
                    from hubspot.{record}
                ) as mixed
                where records.{key} = mixed.record_id
                """
            )
            tables.run(
                f"""
                insert into hubspot.{record}_property_history
                    ({history_key}, name, value, timestamp)
                select {key}, '{name}', coalesce(property_{name}, ''), '2027-12-01 00:00:00'
                from hubspot.{record}
                """
            )
    tables.run(
        "update hubspot.deal set deal_pipeline_stage_id ="
        " coalesce(property_dealstage, deal_pipeline_stage_id)"
    )


def change_meetings(tables: RawTables) -> None:
    """Meetings that were to come on the day take place at another time and end otherwise."""
    tables.run(
        f"""
        update hubspot.engagement_meeting
        set property_hs_meeting_outcome = 'NO_SHOW',
            property_hs_meeting_start_time = '2026-11-20 03:00:00'
        where property_hs_meeting_start_time >= '{cut_off(AS_OF)}'
            and property_hs_createdate < '{cut_off(AS_OF)}'
        """
    )


def remove_records(tables: RawTables) -> None:
    """Later every seventh is merged into another one, and every fifth of the others is deleted."""
    tables.run(
        """
        create temp table pairs as
        select id as merged_id, lead(id) over (order by hash(id)) as survivor_id,
            row_number() over (order by hash(id)) as place
        from hubspot.contact
        where _fivetran_deleted = 'false' and not exists (
            select 1 from hubspot.contact as others
            where contains(others.property_hs_merged_object_ids, contact.id)
        )
        """
    )
    tables.run(
        """
        insert into hubspot.contact_merge_audit (canonical_vid, contact_id, vid_to_merge, timestamp)
        select survivor_id, survivor_id, merged_id, '2026-10-02 01:00:00'
        from pairs where place % 7 = 0 and survivor_id is not null
        """
    )
    tables.run(
        """
        update hubspot.contact set property_hs_merged_object_ids =
            concat_ws(';', property_hs_merged_object_ids, merged_id)
        from pairs where place % 7 = 0 and id = survivor_id
        """
    )
    tables.run(
        """
        update hubspot.contact
        set _fivetran_deleted = 'true', _fivetran_synced = '2026-10-02 02:00:00'
        from pairs where id = merged_id and (place % 7 = 0 or place % 5 = 0)
        """
    )
    tables.run(
        "update hubspot.company set is_deleted = 'true', _fivetran_synced = '2026-10-02 02:00:00'"
        " where is_deleted = 'false' and hash(id) % 4 = 0"
    )


def nonsense_files(folder: Path) -> dict[str, list[Row]]:
    """Later rows of the files with values from anywhere, and later rows of everybody."""
    dice = Random(20260930)
    files = {}
    for name, column in DAY_COLUMNS.items():
        rows = read_rows(folder / f"{name}.csv")
        past = [row for row in rows if not is_later(row, column)]
        free = [cell for cell in rows[0] if cell not in ("lead_id", "event_id", column)]

        def changed(row: Row, day: date, column: str = column, free: list[str] = free) -> Row:
            values = {cell: dice.choice(past)[cell] for cell in free}  # noqa: B023
            return row | values | {column: day.isoformat()}

        later = [
            changed(row, AS_OF + timedelta(days=dice.randint(1, 60)))
            for row in rows
            if is_later(row, column)
        ]
        again = [changed(row, AS_OF + timedelta(days=dice.randint(1, 60))) for row in past]
        files[name] = [*past, *later, *again]
        dice.shuffle(files[name])
    return files
