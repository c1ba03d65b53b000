{%- set columns = ['lead_id', 'event_id', 'event_type', 'source_name'] -%}
{%- for property in event_property_types() -%}
    {%- do columns.append(quoted(property)) -%}
{%- endfor -%}
{%- do columns.extend(['signature_hash', 'event_date', 'occurred_at']) -%}
{%- set grouped_by = ['event_id', 'source_name', 'signature_hash', 'occurred_at'] -%}
{%- set tie_breakers = columns | reject('in', grouped_by) | list -%}
with

repeated_event_ids as (

    select * from {{ ref('int_repeated_event_ids') }}

),

leads as (

    select * from {{ ref('int_leads') }}

),

-- The view is read twice on purpose: one pass for the many events that stand alone, one for the few
-- whose id stands twice. A shared step would hold every event in memory.
single as (

    select events.*

    from {{ ref('int_readable_events') }} as events

    where not exists (
        select 1
        from repeated_event_ids
        where
            events.source_name = repeated_event_ids.source_name
            and events.event_id_hash = repeated_event_ids.event_id_hash
    )

),

-- One event an id: the earliest, then the smallest text, so that the order of rows decides nothing.
repeated as (

    select
        events.*,
        row_number() over (
            partition by events.source_name, events.event_id
            order by
                events.occurred_at,
                {{ column_list(tie_breakers, 'events', 'nulls first') }}
        ) as event_rank

    from {{ ref('int_readable_events') }} as events

    where exists (
        select 1
        from repeated_event_ids
        where
            events.source_name = repeated_event_ids.source_name
            and events.event_id_hash = repeated_event_ids.event_id_hash
    )

),

deduplicated as (

    select {{ column_list(columns, 'single') }}

    from single

    union all

    select {{ column_list(columns, 'repeated') }}

    from repeated

    where repeated.event_rank = 1

),

-- Events of people who are no lead are kept, without a key. Events of one lead stand together,
-- which halves the cost of gathering them and of looking one lead up.
keyed as (

    select
        {{ column_list(columns[:-2], 'deduplicated') }},
        leads.lead_key,
        deduplicated.event_date,
        deduplicated.occurred_at

    from deduplicated

    left join leads
        on
            deduplicated.lead_id = leads.lead_id
            and deduplicated.source_name = leads.source_name

    order by leads.lead_key

)

select * from keyed
