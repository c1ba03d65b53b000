{{ config(meta={'dagster': {'ref': {'name': 'int_rejected_rows'}}, 'wrong_input': true}) }}

with

events as (
    {{ union_sources('events', ['source_row_number']) }}
),

rejected_rows as (

    select * from {{ ref('int_rejected_rows') }}

),

quality_limits as (

    select * from {{ ref('quality_limits') }}

    where
        limit_id = 'unreadable_event_time_share'
        and subject = 'all'

),

event_counts as (

    select
        events.source_name,
        count(*) as row_count

    from events

    group by events.source_name

),

unreadable_counts as (

    select
        rejected_rows.source_name,
        sum(rejected_rows.row_count) as row_count

    from rejected_rows

    where
        rejected_rows.table_name = 'events'
        and rejected_rows.reason in ('occurred_at_missing', 'occurred_at_unreadable')

    group by rejected_rows.source_name

),

-- Multiplied instead of divided, so that the share is exact.
exceeded as (

    select
        event_counts.source_name,
        unreadable_counts.row_count as unreadable_count,
        event_counts.row_count as event_count,
        quality_limits.max_value as max_share

    from event_counts

    inner join unreadable_counts
        on event_counts.source_name = unreadable_counts.source_name

    cross join quality_limits

    where unreadable_counts.row_count > quality_limits.max_value * event_counts.row_count

)

select * from exceeded
