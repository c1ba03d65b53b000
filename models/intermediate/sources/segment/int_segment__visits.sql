with

page_views as (

    select * from {{ ref('int_segment__page_views') }}

),

spaced as (

    select
        page_views.*,
        lag(page_views.occurred_at) over (
            partition by page_views.visitor_id
            order by page_views.occurred_at, page_views.event_id
        ) as previous_at

    from page_views

    where
        page_views.visitor_id is not null
        and page_views.event_date is not null
        and not page_views.is_automated

),

-- A view that comes exactly as long after the one before as the gap is begins a visit.
started as (

    select
        spaced.lead_id,
        spaced.visitor_id,
        spaced.email,
        'visit:' || substr(spaced.event_id, length('page:') + 1) as event_id,
        'visit_started' as event_type,
        spaced.occurred_at_text,
        {%- for property in event_property_types() %}
        spaced.{{ quoted(property) }},
        {%- endfor %}
        false as is_automated,
        spaced.source_row_number,
        spaced.event_date,
        spaced.occurred_at

    from spaced

    where
        spaced.previous_at is null
        or {{ seconds_between('spaced.previous_at', 'spaced.occurred_at') }}
        >= 60 * {{ event_setting('visit_gap_minutes') }}

)

select * from started
