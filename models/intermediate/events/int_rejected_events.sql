with

rejected as (
    {% for source_name in var('sources') %}
    select
        '{{ source_name }}' as source_name,
        'events' as table_name,
        events.lead_id,
        events.event_id,
        events.event_type,
        events.occurred_at_text,
        case
            when events.lead_id is null then 'lead_id_missing'
            when events.event_type is null then 'event_type_missing'
            when events.occurred_at_text is null then 'occurred_at_missing'
            else 'occurred_at_unreadable'
        end as reason,
        events.source_row_number

    from {{ ref('stg_' ~ source_name ~ '__events') }} as events

    where
        events.lead_id is null
        or events.event_type is null
        or events.event_date is null
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

)

select * from rejected
