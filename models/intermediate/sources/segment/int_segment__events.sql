{{ config(materialized='view') }}
with

page_views as (

    select * from {{ ref('int_segment__page_views') }}

),

visits as (

    select * from {{ ref('int_segment__visits') }}

),

tracks as (

    select * from {{ ref('stg_segment__tracks') }}

),

automated_clients as (

    select * from {{ ref('int_segment__automated_clients') }}

),

event_names as (

    select * from {{ ref('int_segment__event_names') }}

),

-- An action that no row of the seed names keeps its own name, and scores once it is a known type.
actions as (

    select
        cast(null as {{ dbt.type_string() }}) as lead_id,
        coalesce(tracks.anonymous_id, tracks.user_id) as visitor_id,
        cast(null as {{ dbt.type_string() }}) as email,
        'track:' || tracks.track_id as event_id,
        case
            when event_names.name is null then tracks.event else event_names.event_type
        end as event_type,
        tracks.occurred_at_text,
        {{ event_property_columns(
            {'*': 'tracks', 'event.page_path': 'tracks.context_page_path'}, ['event_names']
        ) -}}
        (user_agents.client is not null or ip_addresses.client is not null) as is_automated,
        cast(null as bigint) as source_row_number,
        {{ business_day('tracks.occurred_at') }} as event_date,
        tracks.occurred_at

    from tracks

    left join event_names
        on coalesce(tracks.event, '') = event_names.name

    left join automated_clients as user_agents
        on
            user_agents.what = 'user_agent'
            and tracks.user_agent = user_agents.client

    left join automated_clients as ip_addresses
        on
            ip_addresses.what = 'ip_address'
            and tracks.ip_address = ip_addresses.client

    where
        event_names.name is null
        or event_names.event_type is not null

),

events as (
    {% for part in ['page_views', 'visits', 'actions'] %}
    select {{ column_list(event_columns(), part) }}

    from {{ part }}
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

)

select * from events
