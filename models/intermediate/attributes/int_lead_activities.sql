{%- set named = condition_fields('lead') -%}
{%- set is_needed = named | select('in', measured_fields()) | list | length > 0 -%}
{%- set asks_counts = 'active_days_30d' in named or 'email_click_share_90d' in named -%}
{%- set asks_quiet_days = 'quiet_days_before_last_visit' in named -%}
{#- What one day alone needs; while dbt parses there are past days. -#}
{%- do ref('int_activity_roles') -%}
{%- do ref('int_lead_events') -%}
with

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
{% if history_days() %}
activity_days as (

    select * from {{ ref('int_person_activity_days') }}

),

lead_day_versions as (

    select * from {{ ref('int_lead_day_versions') }}

),

-- What of a person's days is known on each of the days that are scored.
known as (

    select
        lead_day_versions.lead_key,
        {{ day_code('lead_day_versions.as_of_date') }} as as_of_day,
        {%- for role in ['activity', 'visit', 'offline_event', 'webinar', 'email_clicked',
            'email_delivered'] %}
        {%- set codes = 'activity_days.' ~ role ~ '_codes' %}
        {{ known_days(codes, day_code('lead_day_versions.as_of_date')) }} as {{ role }}_days
        {{- ',' if not loop.last }}
        {%- endfor %}

    from lead_day_versions

    inner join activity_days
        on lead_day_versions.person_key = activity_days.person_key

),

last_days as (

    select
        known.*,
        {{ greatest_below('known.activity_days') }} as last_activity_day,
        {{ greatest_below('known.visit_days') }} as last_visit_day,
        {{ greatest_below('known.offline_event_days') }} as last_offline_event_day,
        {{ greatest_below('known.webinar_days') }} as last_webinar_day

    from known

),

activities as (

    select
        last_days.lead_key,
        {{ count_from(
            distinct_items('last_days.activity_days'),
            'last_days.as_of_day + 1 - settings.active_days_window_days'
        ) }} as active_day_count,
        {{ count_from(
            'last_days.email_clicked_days', 'last_days.as_of_day + 1 - settings.email_window_days'
        ) }} as email_clicked_count,
        {{ count_from(
            'last_days.email_delivered_days', 'last_days.as_of_day + 1 - settings.email_window_days'
        ) }} as email_delivered_count,
        coalesce(
            last_days.last_activity_day
            >= last_days.as_of_day + 1 - settings.company_window_days,
            false
        ) as is_active_colleague,
        {{ day_of_code('last_days.last_activity_day') }} as last_activity_date,
        {{ day_of_code('last_days.last_visit_day') }} as last_visit_date,
        {{ day_of_code('last_days.last_offline_event_day') }} as last_offline_event_date,
        {{ day_of_code('last_days.last_webinar_day') }} as last_webinar_date,
        {{ day_of_code(greatest_below('last_days.activity_days', 'last_days.last_visit_day')) }}
            as last_activity_before_visit_date

    from last_days

    cross join settings

)
{% else %}
roles as (

    select * from {{ ref('int_activity_roles') }}

),

-- Every event is looked at for the last day of its type alone, which needs one number a lead and
-- type. A shared step would hold every event in memory.
latest as (

    select
        events.lead_key,
        events.event_type,
        max(events.event_date) as event_date

    from {{ ref('int_lead_events') }} as events

    inner join roles
        on events.event_type = roles.event_type

    where
        events.lead_key is not null
        and not events.is_automated
        and events.event_date <= {{ as_of_date() }}
        {%- if is_needed %}
        and (roles.is_activity or roles.is_email_delivered)
        {%- else %}
        and false
        {%- endif %}

    group by
        events.lead_key,
        events.event_type

),

last_dates as (

    select
        latest.lead_key,
        max(latest.event_date) filter (where roles.is_activity) as last_activity_date,
        max(latest.event_date) filter (where roles.is_activity and roles.is_visit)
            as last_visit_date,
        max(latest.event_date) filter (where roles.is_activity and roles.is_offline_event)
            as last_offline_event_date,
        max(latest.event_date) filter (where roles.is_activity and roles.is_webinar)
            as last_webinar_date

    from latest

    inner join roles
        on latest.event_type = roles.event_type

    group by latest.lead_key

),

-- Counted are the events of the last weeks, and only what is asked.
recent as (

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
            and roles.is_email_clicked
            and {{ dbt.datediff('events.event_date', as_of_date(), 'day') }}
            < settings.email_window_days
        ) as email_clicked_count,
        count(*) filter (
            where
            roles.is_email_delivered
            and {{ dbt.datediff('events.event_date', as_of_date(), 'day') }}
            < settings.email_window_days
        ) as email_delivered_count

    from {{ ref('int_lead_events') }} as events

    inner join roles
        on events.event_type = roles.event_type

    cross join settings

    where
        events.lead_key is not null
        and not events.is_automated
        and events.event_date <= {{ as_of_date() }}
        {%- if asks_counts %}
        and (roles.is_activity or roles.is_email_delivered)
        and {{ dbt.datediff('events.event_date', as_of_date(), 'day') }}
        < greatest(settings.active_days_window_days, settings.email_window_days)
        {%- else %}
        and false
        {%- endif %}

    group by events.lead_key

),

counted as (

    select
        last_dates.lead_key,
        coalesce(recent.active_day_count, 0) as active_day_count,
        coalesce(recent.email_clicked_count, 0) as email_clicked_count,
        coalesce(recent.email_delivered_count, 0) as email_delivered_count,
        last_dates.last_activity_date,
        last_dates.last_visit_date,
        last_dates.last_offline_event_date,
        last_dates.last_webinar_date

    from last_dates

    left join recent
        on last_dates.lead_key = recent.lead_key

),

visitors as (

    select
        counted.lead_key,
        counted.last_visit_date

    from counted

    where counted.last_visit_date is not null

),

-- Whole days: what else the person did on the day of the visit belongs to the return.
earlier_activities as (

    select
        visitors.lead_key,
        max(events.event_date) as last_activity_date

    from visitors

    inner join {{ ref('int_lead_events') }} as events
        on
            visitors.lead_key = events.lead_key
            and visitors.last_visit_date > events.event_date
            and not events.is_automated

    inner join roles
        on
            events.event_type = roles.event_type
            and roles.is_activity
    {% if not asks_quiet_days %}
    where false
    {% endif %}
    group by visitors.lead_key

),

activities as (

    select
        counted.lead_key,
        counted.active_day_count,
        counted.email_clicked_count,
        counted.email_delivered_count,
        coalesce(
            {{ dbt.datediff('counted.last_activity_date', as_of_date(), 'day') }}
            < settings.company_window_days,
            false
        ) as is_active_colleague,
        counted.last_activity_date,
        counted.last_visit_date,
        counted.last_offline_event_date,
        counted.last_webinar_date,
        earlier_activities.last_activity_date as last_activity_before_visit_date

    from counted

    cross join settings

    left join earlier_activities
        on counted.lead_key = earlier_activities.lead_key

)
{% endif %}
select * from activities
