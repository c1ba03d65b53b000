"""The tables of the state file, as a list of migrations."""

from __future__ import annotations

import duckdb

from orchestration.lib.failures import RunFailed

# Each entry brings a state file from the version before it (its place in the list) to the next.
# What has been released is never edited: a change is a further entry.
MIGRATIONS: tuple[str, ...] = (
    """
    create table value_changes (
        source_name varchar not null,
        entity varchar not null,
        record_id varchar not null,
        field varchar not null,
        value_before varchar,
        changed_date date not null,
        run_id varchar not null
    );
    create table published_days (
        as_of_date date not null,
        origin varchar not null,
        rule_set_id varchar,
        run_id varchar not null,
        is_closed boolean not null
    );
    create table published_scores (
        lead_id varchar not null,
        valid_from date not null,
        is_scored boolean not null,
        fit_score decimal(12, 2),
        engagement_score decimal(12, 2),
        fit_band varchar,
        engagement_band varchar,
        grade varchar,
        temperature varchar,
        route varchar,
        priority integer,
        other_scores varchar,
        rule_set_id varchar,
        origin varchar not null,
        run_id varchar not null
    );
    create table score_changes (
        lead_id varchar not null,
        changed_date date not null,
        score_id varchar not null,
        cause varchar not null,
        points decimal(12, 2) not null,
        run_id varchar not null
    );
    create table published_points (
        as_of_date date not null,
        lead_id varchar not null,
        score_id varchar not null,
        rule_id varchar not null,
        points decimal(12, 2) not null,
        run_id varchar not null
    );
    create table rules_seen (
        as_of_date date not null,
        kind varchar not null,
        rule_id varchar not null,
        definition_hash varchar not null,
        run_id varchar not null
    );
    create table pending_runs (run_id varchar not null);
    """,
    """
    create table issued_handoffs (
        handoff_id varchar not null,
        lead_id varchar not null,
        company_id varchar,
        owner_id varchar,
        team_id varchar,
        agreement_id varchar,
        rule_set_id varchar,
        policy_id varchar not null,
        service_level_id varchar,
        route_id varchar,
        joined_handoff_id varchar,
        cause_rule_id varchar,
        cause_event_id varchar,
        handoff_stage varchar not null,
        motion varchar,
        handoff_kind varchar not null,
        cause_type varchar not null,
        cause_event_type varchar,
        grade varchar,
        route varchar,
        reason_1_en varchar,
        reason_1_ja varchar,
        reason_2_en varchar,
        reason_2_ja varchar,
        reason_3_en varchar,
        reason_3_ja varchar,
        cycle_number integer,
        crossing_number integer not null,
        turn_number integer,
        priority integer,
        fit_score decimal(12, 2),
        engagement_score decimal(12, 2),
        is_hand_raise boolean not null,
        is_fill_only boolean not null,
        crossed_date date not null,
        issued_date date not null,
        crossed_at timestamp not null,
        first_attempt_due_at timestamp,
        remind_at timestamp,
        escalate_at timestamp,
        reassign_at timestamp,
        run_id varchar not null
    );
    create table handoff_changes (
        handoff_id varchar not null,
        change varchar not null,
        owner_id varchar,
        occurred_date date not null,
        occurred_at timestamp not null,
        run_id varchar not null
    );
    """,
    """
    create table export_runs (
        export_run_id varchar not null,
        sync_name varchar not null,
        destination varchar not null,
        object_name varchar not null,
        snapshot_run_id varchar,
        outcome varchar not null,
        stop_code varchar,
        row_count bigint not null,
        created_count bigint not null,
        updated_count bigint not null,
        cleared_count bigint not null,
        deleted_count bigint not null,
        unchanged_count bigint not null,
        invalid_count bigint not null,
        suppressed_count bigint not null,
        rejected_count bigint not null,
        deferred_count bigint not null,
        backlog_count bigint not null,
        started_at timestamp not null,
        ended_at timestamp not null
    );
    create table export_backlog (
        sync_name varchar not null,
        destination varchar not null,
        object_name varchar not null,
        status varchar not null,
        error_code varchar,
        row_count bigint not null,
        attempt_count bigint not null,
        first_due_at timestamp not null
    );
    """,
)


def migrate(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring the default database of a connection to the newest version, in one transaction.

    Raises:
        RunFailed: a newer version of this project wrote it.
    """
    connection.execute("create table if not exists schema_versions (version integer not null)")
    row = connection.execute("select coalesce(max(version), 0) from schema_versions").fetchone()
    version = 0 if row is None else int(row[0])
    if version > len(MIGRATIONS):
        raise RunFailed(
            (
                "The state file was written by a newer version of this project.",
                "Update the project, or name another --workdir.",
            )
        )
    for number, statements in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.begin()
        connection.execute(statements)
        connection.execute("insert into schema_versions values (?)", [number])
        connection.commit()
