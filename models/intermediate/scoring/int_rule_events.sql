{{ config(materialized='view') }}
with

events as (

    select * from {{ ref('int_lead_events') }}

),

event_types_in_force as (

    select * from {{ ref('int_event_types_in_force') }}

),

-- The events that a rule in force may count, with the properties that its rules look at.
aged as (

    select
        events.lead_key,
        events.event_type,
        {%- for property, event_types in event_property_types().items() %}
        {{ event_property('events', property, event_types) }} as {{ quoted(property) }},
        {%- endfor %}
        events.signature_hash,
        {{ dbt.datediff('events.event_date', as_of_date(), 'day') }} as age_days

    from events

    inner join event_types_in_force
        on events.event_type = event_types_in_force.event_type

    where
        events.lead_key is not null
        and not events.is_automated
        and events.event_date <= {{ as_of_date() }}
        and (
            event_types_in_force.window_days is null
            or {{ dbt.datediff('events.event_date', as_of_date(), 'day') }}
            < event_types_in_force.window_days
        )

)

select * from aged
