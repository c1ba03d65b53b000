# ruff: noqa: S608 - texts are quoted by literal().
"""Writing down what was tried and what was accepted, in small transactions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import duckdb

from orchestration.lib.builds.redaction import redact
from orchestration.lib.exports.destination import Operation, RowOutcome
from orchestration.lib.exports.plan import PlanCounts
from orchestration.lib.exports.run_log import RunStamp, insert_run, moment, transaction
from orchestration.lib.publishing.sql_text import literal

# A row that was put off is due again at once, then after 1, 2, 4 minutes, at most six hours.
_MOST_MINUTES = 360
_SENT = "('create', 'update', 'clear', 'delete')"


def begin_run(connection: duckdb.DuckDBPyConnection, stamp: RunStamp, counts: PlanCounts) -> None:
    """Note the run, and what is due, before the first call."""
    name, now = literal(stamp.sync.name), literal(moment(stamp.started_at))
    with transaction(connection):
        insert_run(connection, stamp, counts, "running")
        connection.execute(
            f"delete from exports.export_rows where sync_name = {name} and row_key in"
            " (select row_key from plan where action = 'forgotten')"
        )
        connection.execute(
            f"""
            insert into exports.export_rows by name
            select
                {name} as sync_name, {literal(stamp.sync.destination)} as destination,
                {literal(stamp.sync.object_name)} as object_name, plan.row_key, plan.lead_id,
                plan.match_value, plan.desired_hash, 0 as acked_count, 'pending' as status,
                0 as attempts
            from plan
            where (plan.action in {_SENT} or plan.action = 'invalid') and plan.row_key is not null
                and plan.row_key not in (
                    select row_key from exports.export_rows where sync_name = {name}
                )
            qualify row_number() over (partition by plan.row_key order by plan.match_value) = 1
            """
        )
        connection.execute(
            f"""
            update exports.export_rows as state set
                lead_id = plan.lead_id,
                match_value = plan.match_value,
                attempts = case when state.desired_hash is not distinct from plan.desired_hash
                    or state.attempts = 0 then state.attempts else 1 end,
                desired_hash = plan.desired_hash,
                status = case when plan.action = 'invalid' then 'invalid' else 'pending' end,
                last_error_code = plan.invalid_code,
                last_error = null,
                next_attempt_at = null,
                first_due_at = coalesce(state.first_due_at, cast({now} as timestamp)),
                last_run = {literal(stamp.run_id)}
            from (
                select * from plan where action in {_SENT} or action = 'invalid'
                qualify row_number() over (partition by row_key order by match_value) = 1
            ) as plan
            where state.sync_name = {name} and state.row_key = plan.row_key
            """
        )
        # What need not be sent any more waits for nothing.
        connection.execute(
            f"""
            update exports.export_rows as state set
                status = case when state.acked_hash is null then 'idle' else 'acked' end,
                attempts = case when plan.action = 'unchanged' or state.status = 'rejected' then 0
                    else state.attempts end,
                last_error_code = null, last_error = null,
                next_attempt_at = null, first_due_at = null
            from plan
            where state.sync_name = {name} and state.row_key = plan.row_key
                and state.status not in ('acked', 'idle')
                and plan.action in ('unchanged', 'unneeded', 'gone', 'suppressed')
            """
        )


def take_as_done(connection: duckdb.DuckDBPyConnection, stamp: RunStamp) -> None:
    """Count the rows of action `skipped` as accepted, though nothing is sent."""
    connection.execute(
        f"""
        insert into exports.export_rows by name
        select
            {literal(stamp.sync.name)} as sync_name,
            {literal(stamp.sync.destination)} as destination,
            {literal(stamp.sync.object_name)} as object_name, row_key, lead_id, match_value,
            desired_hash, desired_hash as acked_hash,
            {literal(stamp.mapping_hash)} as acked_mapping_hash, fields as acked_fields,
            0 as acked_count, 'acked' as status, 0 as attempts, {literal(stamp.run_id)} as last_run
        from plan where action = 'skipped'
        """
    )


def note_attempt(
    connection: duckdb.DuckDBPyConnection, stamp: RunStamp, first: int, last: int
) -> None:
    """Before a call: the rows may be there from now on, whatever becomes of this process.

    `first` and `last` are the numbers of the rows in the plan; they become the table `chunk`.
    """
    connection.execute(
        "create or replace table chunk as"
        " select row_key, desired_hash, fields, changed_fields from plan where seq between ? and ?",
        [first, last],
    )
    with transaction(connection):
        connection.execute(
            "update exports.export_rows set attempts = attempts + 1, status = 'sending'"
            " where sync_name = ? and row_key in (select row_key from chunk)",
            [stamp.sync.name],
        )


def record_outcomes(
    connection: duckdb.DuckDBPyConnection,
    stamp: RunStamp,
    operation: Operation,
    outcomes: Sequence[RowOutcome],
    row_keys: Mapping[str, str],
) -> None:
    """Write down what became of rows of the table `chunk`.

    `row_keys` are their keys by the value they match by.
    """
    now = moment(datetime.now(UTC))
    columns = [
        [row_keys[outcome.key] for outcome in outcomes],
        [outcome.status for outcome in outcomes],
        [outcome.remote_id for outcome in outcomes],
        [outcome.code for outcome in outcomes],
        [None if outcome.message is None else redact(outcome.message) for outcome in outcomes],
    ]
    said = """
        select unnest(?::varchar[]) as row_key, unnest(?::varchar[]) as outcome,
            unnest(?::varchar[]) as remote_id, unnest(?::varchar[]) as code,
            unnest(?::varchar[]) as message
    """
    with transaction(connection):
        connection.execute(
            f"""
            insert into exports.export_row_events
            select {literal(stamp.run_id)}, {literal(stamp.sync.name)}, said.row_key,
                {literal(operation)}, said.outcome, said.code, said.message,
                nullif(array_to_string(chunk.changed_fields, ', '), ''), state.attempts,
                cast({literal(now)} as timestamp)
            from ({said}) as said
            inner join chunk on said.row_key = chunk.row_key
            inner join exports.export_rows as state on said.row_key = state.row_key
                and state.sync_name = {literal(stamp.sync.name)}
            """,
            columns,
        )
        connection.execute(
            f"""
            update exports.export_rows as state set
                acked_hash = case when said.outcome = 'accepted' then said.desired_hash
                    else state.acked_hash end,
                acked_mapping_hash = case when said.outcome = 'accepted'
                    then {literal(stamp.mapping_hash)} else state.acked_mapping_hash end,
                acked_fields = case when said.outcome = 'accepted' then said.fields
                    else state.acked_fields end,
                acked_count = state.acked_count + cast(said.outcome = 'accepted' as integer),
                acked_at = case when said.outcome = 'accepted'
                    then cast({literal(now)} as timestamp) else state.acked_at end,
                attempts = case when said.outcome = 'accepted' then 0 else state.attempts end,
                first_due_at = case when said.outcome <> 'accepted' then state.first_due_at end,
                status = case said.outcome when 'accepted' then 'acked' else said.outcome end,
                remote_id = coalesce(said.remote_id, state.remote_id),
                last_error_code = case when said.outcome <> 'accepted'
                    then coalesce(said.code, said.outcome) end,
                last_error = case when said.outcome <> 'accepted' then said.message end,
                next_attempt_at = case when said.outcome = 'deferred' then
                    cast({literal(now)} as timestamp) + case when state.attempts <= 1
                        then interval 0 minute
                        else to_minutes(least(cast(2 ** least(state.attempts - 2, 20) as bigint),
                            {_MOST_MINUTES})) end
                    end
            from (
                select said.*, chunk.desired_hash, chunk.fields from ({said}) as said
                inner join chunk on said.row_key = chunk.row_key
            ) as said
            where state.sync_name = {literal(stamp.sync.name)} and state.row_key = said.row_key
            """,
            columns,
        )


def leave_unanswered(connection: duckdb.DuckDBPyConnection, stamp: RunStamp) -> None:
    """Rows under way without an outcome stay due."""
    connection.execute(
        "update exports.export_rows set status = 'pending'"
        " where sync_name = ? and status = 'sending'",
        [stamp.sync.name],
    )
