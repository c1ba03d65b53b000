{#-
    Common table expressions that end with `deduplicated`: of the rows of `readable` one an event
    id, all rows without one. `repeated` names the ids that may stand several times
    (`source_name, event_id_hash`).
-#}
{% macro earliest_events(readable, repeated) -%}
    {%- set columns = stored_event_columns() -%}
    {%- set grouped_by = [
        'event_id', 'source_name', 'event_part', 'signature_hash', 'occurred_at',
    ] -%}
    {%- set tie_breakers = columns | reject('in', grouped_by) | list -%}
repeated_event_ids as (

    select * from {{ repeated }}

),

-- The events are read twice on purpose: one pass for the many that stand alone, one for the few
-- whose id stands twice. A shared step would hold every event in memory.
single as (

    select events.*

    from {{ readable }} as events

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
                {{ column_list(tie_breakers, 'events', 'nulls first') }},
                events.event_part
        ) as event_rank

    from {{ readable }} as events

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

)
{%- endmacro %}
