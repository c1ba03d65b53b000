{{ config(materialized='view') }}
with

pages as (

    select * from {{ ref('stg_segment__pages') }}

),

automated_clients as (

    select * from {{ ref('int_segment__automated_clients') }}

),

named as (

    select
        cast(null as {{ dbt.type_string() }}) as lead_id,
        coalesce(pages.anonymous_id, pages.user_id) as visitor_id,
        cast(null as {{ dbt.type_string() }}) as email,
        'page:' || pages.page_view_id as event_id,
        'page_viewed' as event_type,
        pages.occurred_at_text,
        {{ event_property_columns({
            '*': 'pages',
            'event.page_path': 'coalesce(pages.path, ' ~ url_path('pages.url') ~ ')',
        }) -}}
        (user_agents.client is not null or ip_addresses.client is not null) as is_automated,
        cast(null as bigint) as source_row_number,
        {{ business_day('pages.occurred_at') }} as event_date,
        pages.occurred_at

    from pages

    left join automated_clients as user_agents
        on
            user_agents.what = 'user_agent'
            and pages.user_agent = user_agents.client

    left join automated_clients as ip_addresses
        on
            ip_addresses.what = 'ip_address'
            and pages.ip_address = ip_addresses.client

),

page_views as (

    select {{ column_list(event_columns(), 'named') }}

    from named

)

select * from page_views
