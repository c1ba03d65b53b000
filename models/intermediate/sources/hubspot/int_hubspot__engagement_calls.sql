{{ config(materialized='view') }}
with

calls as (

    select * from {{ ref('stg_hubspot__engagement_calls') }}

),

directions as (

    select *
    from {{ ref('int_hubspot__event_names') }}
    where source_table = 'engagement_call' and field = 'direction'

),

dispositions as (

    select *
    from {{ ref('int_hubspot__event_names') }}
    where source_table = 'engagement_call' and field = 'disposition'

),

activity_types as (

    select *
    from {{ ref('int_hubspot__event_names') }}
    where source_table = 'engagement_call' and field = 'activity_type'

),

-- Who called decides before how it ended; without a noted end the length of the call tells.
named as (

    select
        calls.engagement_id,
        'call:' || calls.engagement_id as action_id,
        coalesce(
            directions.event_type,
            case
                when
                    calls.disposition is null
                    and calls.duration_milliseconds
                    >= 1000 * {{ event_setting('connected_call_seconds') }}
                    then 'call_connected'
                else dispositions.event_type
            end
        ) as event_type,
        coalesce(
            calls.call_outcome, dispositions.property_value, calls.disposition
        ) as outcome,
        calls.owner_id,
        calls.occurred_at_text,
        {{ event_property_columns(
            {'*': 'calls'}, ['directions', 'dispositions', 'activity_types']
        ) -}}
        false as is_automated,
        calls.occurred_at

    from calls

    left join directions
        on coalesce(calls.direction, '') = directions.name

    left join dispositions
        on coalesce(calls.disposition, '') = dispositions.name

    left join activity_types
        on coalesce(calls.activity_type, '') = activity_types.name

    where not calls.is_deleted

),

actions as (

    select {{ column_list(action_columns(), 'named') }}

    from named

    where named.event_type is not null

)

select * from actions
