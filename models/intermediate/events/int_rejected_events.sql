{{ config(materialized='event_parts') }}
{%- do ref('int_event_parts') -%}
with

events as (
    {{ union_sources('events', [
        'lead_id', 'visitor_id', 'email', 'event_id', 'event_type', 'occurred_at_text',
        'source_row_number', 'occurred_at'
    ]) }}
),

rejected as (

    select
        events.source_name,
        'events' as table_name,
        events.lead_id,
        events.event_id,
        events.event_type,
        events.occurred_at_text,
        {{ event_part('events.occurred_at_text') }} as event_part,
        case
            when coalesce(events.lead_id, events.visitor_id, events.email) is null
                then 'lead_id_missing'
            when events.event_type is null then 'event_type_missing'
            when events.occurred_at_text is null then 'occurred_at_missing'
            else 'occurred_at_unreadable'
        end as reason,
        events.source_row_number

    from events

    where
        coalesce(events.lead_id, events.visitor_id, events.email) is null
        or events.event_type is null
        or events.occurred_at is null

)

select * from rejected
