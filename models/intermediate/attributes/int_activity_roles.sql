{{ config(materialized='view') }}
with

event_types as (

    select * from {{ ref('event_types') }}

),

measure_event_types as (

    select * from {{ ref('measure_event_types') }}

),

-- What an event of each type is taken for; a delivery is our doing, all else the lead's.
roles as (

    select
        event_types.event_type,
        event_types.is_activity,
        coalesce(bool_or(measure_event_types.measure_role = 'visit'), false) as is_visit,
        coalesce(bool_or(measure_event_types.measure_role = 'offline_event'), false)
            as is_offline_event,
        coalesce(bool_or(measure_event_types.measure_role = 'webinar'), false) as is_webinar,
        coalesce(bool_or(measure_event_types.measure_role = 'email_clicked'), false)
            as is_email_clicked,
        coalesce(bool_or(measure_event_types.measure_role = 'email_delivered'), false)
            as is_email_delivered

    from event_types

    left join measure_event_types
        on event_types.event_type = measure_event_types.event_type

    group by
        event_types.event_type,
        event_types.is_activity

)

select * from roles
