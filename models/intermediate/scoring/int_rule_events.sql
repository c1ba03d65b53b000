{{ config(materialized='view') }}
with

events as (

    select * from {{ ref('int_lead_events') }}

),

event_types_in_force as (

    select * from {{ ref('int_event_types_in_force') }}

),

-- The events that a rule in force may count on a scored day, with the properties that its rules
-- look at. An event that was known by the first scored day is as good as known on its own day.
dated as (

    select
        events.lead_key as person_key,
        events.event_type,
        {%- for property, event_types in event_property_types().items() %}
        {{ event_property('events', property, event_types) }} as {{ quoted(property) }},
        {%- endfor %}
        events.signature_hash,
        events.joined_record_key,
        {{ day_count('events.event_date') }} as event_day,
        case
            when
                greatest(events.joined_date, events.identified_date) > events.event_date
                and greatest(events.joined_date, events.identified_date)
                > {{ first_scored_date() }}
                then {{ day_count('greatest(events.joined_date, events.identified_date)') }}
        end as known_day,
        {{ day_count('events.identified_date') }} as identified_day

    from events

    inner join event_types_in_force
        on events.event_type = event_types_in_force.event_type

    where
        events.lead_key is not null
        and not events.is_automated
        and events.event_date <= {{ as_of_date() }}
        and (
            event_types_in_force.window_days is null
            or {{ dbt.datediff('events.event_date', first_scored_date(), 'day') }}
            < event_types_in_force.window_days
        )

)

select * from dated
