with

backlog as (

    select * from {{ ref('int_export_backlog') }}

    where error_code is not null

),

errors as (

    select
        backlog.sync_name,
        backlog.destination,
        backlog.object_name,
        backlog.status,
        backlog.error_code,
        cast(sum(backlog.row_count) as bigint) as row_count,
        max(backlog.attempt_count) as attempt_count,
        {{ as_of_date() }} as as_of_date,
        min(backlog.first_due_at) as first_due_at

    from backlog

    group by
        backlog.sync_name,
        backlog.destination,
        backlog.object_name,
        backlog.status,
        backlog.error_code

)

select * from errors
