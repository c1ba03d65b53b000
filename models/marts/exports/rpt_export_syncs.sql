with

runs as (

    select * from {{ ref('int_export_runs') }}

),

backlog as (

    select * from {{ ref('int_export_backlog') }}

),

ranked as (

    select
        runs.*,
        row_number() over (
            partition by runs.sync_name
            order by runs.started_at desc, runs.export_run_id desc
        ) as run_rank

    from runs

),

successes as (

    select
        runs.sync_name,
        max(runs.ended_at) as succeeded_at

    from runs

    where runs.outcome = 'success'

    group by runs.sync_name

),

due as (

    select
        backlog.sync_name,
        cast(sum(backlog.row_count) as bigint) as backlog_count,
        min(backlog.first_due_at) as oldest_due_at

    from backlog

    group by backlog.sync_name

),

syncs as (

    select
        ranked.sync_name,
        ranked.export_run_id,
        ranked.snapshot_run_id,
        ranked.destination,
        ranked.object_name,
        ranked.outcome,
        ranked.stop_code,
        ranked.row_count,
        ranked.created_count,
        ranked.updated_count,
        ranked.cleared_count,
        ranked.deleted_count,
        ranked.unchanged_count,
        ranked.invalid_count,
        ranked.suppressed_count,
        ranked.rejected_count,
        ranked.deferred_count,
        coalesce(due.backlog_count, 0) as backlog_count,
        case
            when successes.succeeded_at is not null
                then cast(greatest({{ dbt.datediff(
                    business_day('successes.succeeded_at'), as_of_date(), 'day'
                ) }}, 0) as integer)
        end as days_since_success,
        {{ as_of_date() }} as as_of_date,
        ranked.started_at,
        ranked.ended_at,
        successes.succeeded_at,
        due.oldest_due_at

    from ranked

    left join successes
        on ranked.sync_name = successes.sync_name

    left join due
        on ranked.sync_name = due.sync_name

    where ranked.run_rank = 1

)

select * from syncs
