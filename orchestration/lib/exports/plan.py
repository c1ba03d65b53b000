# ruff: noqa: S608 - names are quoted by identifier(), texts by literal().
"""The difference between what a destination should hold and what it accepted, in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb

from orchestration.lib.exports.sync import FieldMapping, Sync
from orchestration.lib.publishing.sql_text import literal


@dataclass(frozen=True)
class PlanOptions:
    """What a person asked for: earlier rejected rows once more, one lead, at most so many rows."""

    retry_rejected: bool = False
    only: str | None = None
    limit: int | None = None


@dataclass(frozen=True)
class PlanCounts:
    """Rows of a plan by action.

    `due` are those of this run; `acked` those that the destination accepted before; `resent` are
    sent again because the mapping changed.
    """

    rows: int
    due: int
    acked: int
    resent: int
    by_action: Mapping[str, int] = field(default_factory=dict)
    by_error: Mapping[str, int] = field(default_factory=dict)

    def of(self, *actions: str) -> int:
        """Rows of some actions."""
        return sum(self.by_action.get(action, 0) for action in actions)


def make_plan(
    connection: duckdb.DuckDBPyConnection,
    sync: Sync,
    language: str,
    options: PlanOptions,
    now: str,
) -> PlanCounts:
    """Fill the table `plan`: one row per row of the model or of the state, with its action.

    The tables `desired` and `fresh_records` are there. `now` is the moment of the run (UTC) as
    text. `seq` numbers the rows that this run sends.
    """
    mapping = sync.columns(language)
    _join_state(connection, sync, mapping, sync.mapping_hash(language))
    _decide(connection, sync, mapping, options, now)
    return _count(connection)


def _join_state(
    connection: duckdb.DuckDBPyConnection,
    sync: Sync,
    mapping: Mapping[str, FieldMapping],
    mapping_hash: str,
) -> None:
    """Each row with what is known of it; a value that is not to be emptied keeps the old one."""
    kept = "".join(
        f", '{name}', coalesce(json_extract_string(desired.fields, '$.{name}'),"
        f" json_extract_string(state.acked_fields, '$.{name}'))"
        if entry.send_when == "filled"
        else f", '{name}', json_extract_string(desired.fields, '$.{name}')"
        for name, entry in sorted(mapping.items())
    )[2:]
    is_kept = any(entry.send_when == "filled" for entry in mapping.values())
    fields = (
        f"case when desired.is_clearing then desired.fields"
        f" else cast(json_object({kept}) as varchar) end"
        if is_kept
        else "desired.fields"
    )
    stops = " or ".join(f"fresh.stops_{stop}" for stop in sync.stopped_by)
    connection.execute(
        f"""
        create or replace table joined as
        with
        state as (
            select * from exports.export_rows where sync_name = {literal(sync.name)}
        ),
        wanted as (
            select
                desired.*,
                count(*) over (partition by desired.row_key) as key_count,
                count(*) over (partition by desired.match_value) as match_count
            from desired
        ),
        fresh as (
            select
                own_lead_id,
                bool_or(stops_export) as stops_export,
                bool_or({stops or "false"}) as stops
            from fresh_records as fresh
            group by own_lead_id
        )
        select
            coalesce(desired.row_key, state.row_key) as row_key,
            coalesce(desired.lead_id, state.lead_id) as lead_id,
            coalesce(desired.match_value, state.match_value) as match_value,
            desired.row_key is not null as is_desired,
            coalesce(desired.is_clearing, false) as is_clearing,
            {fields} as fields,
            sha256(concat_ws('|', {literal(mapping_hash)}, desired.match_value, {fields}))
                as desired_hash,
            state.acked_hash,
            state.acked_fields,
            coalesce(state.acked_mapping_hash = {literal(mapping_hash)}, true) as is_same_mapping,
            coalesce(state.acked_count, 0) as acked_count,
            coalesce(state.attempts, 0) as attempts,
            state.status as old_status,
            state.desired_hash as tried_hash,
            state.next_attempt_at,
            state.first_due_at,
            state.remote_id,
            state.last_error_code as old_error_code,
            case
                when desired.row_key is null then null
                when desired.key_count > 1 then 'row_key_repeated'
                when desired.match_value is null then 'match_value_missing'
                when desired.match_count > 1 then 'match_value_repeated'
            end as invalid_code,
            desired.lead_id is not null
            and case
                when fresh.own_lead_id is null then not desired.is_clearing
                when fresh.stops_export then true
                else fresh.stops and not desired.is_clearing
            end as is_suppressed
        from wanted as desired
        full join state on desired.row_key = state.row_key
        left join fresh on desired.lead_id = fresh.own_lead_id
        """
    )


def _decide(
    connection: duckdb.DuckDBPyConnection,
    sync: Sync,
    mapping: Mapping[str, FieldMapping],
    options: PlanOptions,
    now: str,
) -> None:
    changed = ", ".join(
        f"case when {_triggers(name, entry)} then '{name}' end"
        for name, entry in sorted(mapping.items())
    )
    first = "update" if sync.mode == "update_only" or sync.match_key == "record_id" else "create"
    if sync.mode == "mirror":
        gone = {"delete": "delete", "clear": "clear", "keep": "gone"}[sync.on_gone or "keep"]
    else:
        gone = "gone"
    emptied = literal("{" + ", ".join(f'"{name}":null' for name in sorted(mapping)) + "}")
    is_once = "true" if sync.mode == "create_only" else "false"
    retry = "false" if options.retry_rejected else "old_status = 'rejected'"
    only = "" if options.only is None else _only(options.only)
    limit = "" if options.limit is None else f"and place <= {options.limit:d}"
    connection.execute(
        f"""
        create or replace table plan as
        with
        compared as (
            select
                *,
                list_filter([{changed}], lambda name: name is not null) as changed_fields,
                -- What was under way when a run was killed may have arrived.
                attempts > 0 and old_status is distinct from 'rejected' as is_uncertain,
                acked_hash is not null or is_uncertain as may_be_there
            from joined
        ),
        wanted as (
            select
                * exclude (fields, desired_hash),
                case when is_desired then fields else {emptied} end as fields,
                case when is_desired then desired_hash else 'gone' end as desired_hash,
                case
                    when not is_desired and acked_hash = 'gone' and not is_uncertain then 'gone'
                    when not is_desired and not may_be_there then 'forgotten'
                    when not is_desired then '{gone}'
                    when is_suppressed then 'suppressed'
                    when invalid_code is not null then 'invalid'
                    when is_clearing and (not may_be_there or {is_once}) then 'unneeded'
                    when acked_hash is null and is_clearing then 'clear'
                    when acked_hash is null then '{first}'
                    when {is_once} then 'unchanged'
                    when acked_hash = desired_hash and not is_uncertain then 'unchanged'
                    when acked_hash = 'gone' then '{first}'
                    when is_clearing then 'clear'
                    when not is_same_mapping or is_uncertain or len(changed_fields) > 0
                        then 'update'
                    else 'unchanged'
                end as wish
            from compared
        ),
        timed as (
            select
                *,
                case
                    when wish not in ('create', 'update', 'clear', 'delete') then wish
                    when {retry} and tried_hash = desired_hash then 'rejected_before'
                    when old_status = 'deferred' and tried_hash = desired_hash
                        and next_attempt_at > cast({literal(now)} as timestamp) then 'waiting'
                    else wish
                end as action
            from wanted
        ),
        placed as (
            select
                *,
                action in ('create', 'update', 'clear', 'delete') {only} as is_wanted,
                row_number() over (
                    partition by action in ('create', 'update', 'clear', 'delete') {only}
                    order by
                        case action when 'clear' then 1 when 'delete' then 2 when 'update' then 3
                            else 4 end,
                        row_key
                ) as place
            from timed
        )
        select
            * exclude (place, is_wanted),
            case when is_wanted {limit} then place end as seq
        from placed
        """
    )
    connection.execute("drop table joined")


def _only(lead: str) -> str:
    """The rows of a lead, or the one row of a key."""
    return f"and (lead_id = {literal(lead)} or row_key = {literal(lead)})"


def _triggers(name: str, entry: FieldMapping) -> str:
    """Whether a change of this field alone sends the row."""
    if entry.send_when == "with_others":
        return "false"
    new, old = (f"json_extract_string({row}, '$.{name}')" for row in ("fields", "acked_fields"))
    is_other = f"{new} is distinct from {old}"
    if entry.min_change is None:
        return is_other
    return (
        f"{is_other} and coalesce(abs(try_cast({new} as double) - try_cast({old} as double))"
        f" >= {entry.min_change!r}, true)"
    )


def _count(connection: duckdb.DuckDBPyConnection) -> PlanCounts:
    by_action = dict(connection.execute("select action, count(*) from plan group by 1").fetchall())
    by_error = dict(
        connection.execute(
            "select invalid_code, count(*) from plan where action = 'invalid' group by 1"
        ).fetchall()
    )
    rows, due, acked, resent = connection.execute(
        """
        select
            count(*) filter (is_desired),
            count(seq),
            count(*) filter (acked_hash <> 'gone'),
            count(*) filter (action = 'update' and not is_same_mapping)
        from plan
        """
    ).fetchone() or (0, 0, 0, 0)
    return PlanCounts(rows, due, acked, resent, by_action, by_error)
