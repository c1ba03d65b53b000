{%- set asked = asked_activities(condition_fields('lead')) -%}
with

roles as (

    select * from {{ ref('int_activity_roles') }}

),

former_lead_records as (

    select * from {{ ref('int_former_lead_records') }}

),

-- What a record did belongs to the lead that it is a part of now, and before to the one that it was
-- then. The events are read twice for the few that belong to both.
known as (

    select
        events.lead_key as person_key,
        events.event_type,
        {{ day_code('events.event_date') }}
            as event_day,
        {{ day_code('greatest(events.event_date, events.joined_date, events.identified_date)') }}
            as known_day

    from {{ ref('int_lead_events') }} as events

    where
        events.lead_key is not null
        and not events.is_automated
        and events.event_date <= {{ as_of_date() }}

    union all

    select
        former_lead_records.person_key,
        events.event_type,
        {{ day_code('events.event_date') }}
            as event_day,
        {{ day_code(
            'greatest(events.event_date, former_lead_records.joined_date, events.identified_date)'
        ) }} as known_day

    from {{ ref('int_lead_events') }} as events

    inner join former_lead_records
        on events.joined_record_key = former_lead_records.record_key

    where
        events.joined_record_key is not null
        and not events.is_automated
        and events.event_date <= {{ as_of_date() }}

),

-- Day and lag as one number.
coded as (

    select
        known.person_key,
        known.event_type,
        cast(known.event_day as bigint) * 65536
        + least(greatest(known.known_day - known.event_day, 0), 65535) as known_code

    from known

),

-- One pass over the events, and none where no condition asks or one day alone is scored.
activity_days as (

    select
        coded.person_key,
        {{ distinct_items(collect_where('coded.known_code', asked.get('activity', 'false'))) }}
            as activity_codes,
        {{ distinct_items(collect_where('coded.known_code', asked.get('visit', 'false'))) }}
            as visit_codes,
        {{ distinct_items(collect_where('coded.known_code', asked.get('offline_event', 'false'))) }}
            as offline_event_codes,
        {{ distinct_items(collect_where('coded.known_code', asked.get('webinar', 'false'))) }}
            as webinar_codes,
        {{ collect_where('coded.known_code', asked.get('email_clicked', 'false')) }}
            as email_clicked_codes,
        {{ collect_where('coded.known_code', asked.get('email_delivered', 'false')) }}
            as email_delivered_codes

    from coded

    inner join roles
        on coded.event_type = roles.event_type

    where
        (roles.is_activity or roles.is_email_delivered)
        {%- if not asked or not history_days() %}
        and false
        {%- endif %}

    group by coded.person_key

)

select * from activity_days
