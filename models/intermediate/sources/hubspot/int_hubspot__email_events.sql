{{ config(materialized='view') }}
with

email_events as (

    select * from {{ ref('stg_hubspot__email_events') }}

),

bounces as (

    select * from {{ ref('stg_hubspot__email_event_bounces') }}

),

status_changes as (

    select * from {{ ref('stg_hubspot__email_event_status_changes') }}

),

clicks as (

    select * from {{ ref('stg_hubspot__email_event_clicks') }}

),

automated as (

    select * from {{ ref('int_hubspot__automated_email_events') }}

),

type_names as (

    select *
    from {{ ref('int_hubspot__event_names') }}
    where source_table = 'email_event'

),

bounce_names as (

    select *
    from {{ ref('int_hubspot__event_names') }}
    where source_table = 'email_event_bounce'

),

status_names as (

    select *
    from {{ ref('int_hubspot__event_names') }}
    where source_table = 'email_event_status_change'

),

-- What HubSpot calls filtered was done by machines; so was what the patterns and the clock tell.
named as (

    select
        cast(null as {{ dbt.type_string() }}) as lead_id,
        cast(null as {{ dbt.type_string() }}) as visitor_id,
        {{ normalise_email('email_events.recipient') }} as email,
        'email:' || email_events.email_event_id as event_id,
        coalesce(status_names.event_type, type_names.event_type) as event_type,
        email_events.created_at_text as occurred_at_text,
        {{ event_property_columns(
            {'event.url': 'clicks.url', 'event.page_path': url_path('clicks.url')},
            ['bounce_names', 'status_names', 'type_names']
        ) -}}
        (email_events.is_filtered or automated.email_event_id is not null) as is_automated,
        cast(null as bigint) as source_row_number,
        {{ business_day('email_events.created_at') }} as event_date,
        email_events.created_at as occurred_at

    from email_events

    left join type_names
        on coalesce(email_events.type, '') = type_names.name

    left join status_changes
        on email_events.email_event_id = status_changes.email_event_id

    left join status_names
        on status_changes.portal_subscription_status = status_names.name

    left join bounces
        on email_events.email_event_id = bounces.email_event_id

    left join bounce_names
        on
            bounces.email_event_id is not null
            and coalesce(bounces.category, '') = bounce_names.name

    left join clicks
        on email_events.email_event_id = clicks.email_event_id

    left join automated
        on email_events.email_event_id = automated.email_event_id

),

happened as (

    select {{ column_list(event_columns(), 'named') }}

    from named

    where named.event_type is not null

)

select * from happened
