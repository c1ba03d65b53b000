{%- set named = condition_fields('lead') -%}
{%- set is_needed = named | select('in', measured_fields()) | list | length > 0 -%}
with

events as (

    select * from {{ ref('int_lead_events') }}

),

event_types as (

    select * from {{ ref('event_types') }}

),

measure_event_types as (

    select * from {{ ref('measure_event_types') }}

),

measure_settings as (

    select * from {{ ref('measure_settings') }}

),

settings as (

    select
        max(measure_settings.setting_value) filter (
            where measure_settings.setting_id = 'active_days_window_days'
        ) as active_days_window_days,
        max(measure_settings.setting_value) filter (
            where measure_settings.setting_id = 'company_window_days'
        ) as company_window_days,
        max(measure_settings.setting_value) filter (
            where measure_settings.setting_id = 'email_window_days'
        ) as email_window_days

    from measure_settings

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

),

-- One pass over the events, and none where no condition asks; only what is asked is counted.
activities as (

    select
        events.lead_key,
        count(distinct events.event_date) filter (
            where
            roles.is_activity
            {%- if 'active_days_30d' not in named %}
            and false
            {%- endif %}
            and {{ dbt.datediff('events.event_date', as_of_date(), 'day') }}
            < settings.active_days_window_days
        ) as active_day_count,
        count(*) filter (
            where
            roles.is_activity
            and {{ dbt.datediff('events.event_date', as_of_date(), 'day') }}
            < settings.company_window_days
        ) as company_window_activity_count,
        count(*) filter (
            where
            roles.is_activity
            and roles.is_email_clicked
            and {{ dbt.datediff('events.event_date', as_of_date(), 'day') }}
            < settings.email_window_days
        ) as email_clicked_count,
        count(*) filter (
            where
            roles.is_email_delivered
            and {{ dbt.datediff('events.event_date', as_of_date(), 'day') }}
            < settings.email_window_days
        ) as email_delivered_count,
        max(events.event_date) filter (where roles.is_activity) as last_activity_date,
        max(events.event_date) filter (where roles.is_activity and roles.is_visit)
            as last_visit_date,
        max(events.event_date) filter (where roles.is_activity and roles.is_offline_event)
            as last_offline_event_date,
        max(events.event_date) filter (where roles.is_activity and roles.is_webinar)
            as last_webinar_date

    from events

    inner join roles
        on events.event_type = roles.event_type

    cross join settings

    where
        events.lead_key is not null
        and not events.is_automated
        and events.event_date <= {{ as_of_date() }}
        {%- if is_needed %}
        and (roles.is_activity or roles.is_email_delivered)
        {%- else %}
        and false
        {%- endif %}

    group by events.lead_key

)

select * from activities
