{{ config(materialized='view') }}
with

meetings as (

    select * from {{ ref('stg_hubspot__engagement_meetings') }}

),

outcomes as (

    select *
    from {{ ref('int_hubspot__event_names') }}
    where source_table = 'engagement_meeting' and field = 'outcome'

),

locations as (

    select *
    from {{ ref('int_hubspot__event_names') }}
    where source_table = 'engagement_meeting' and field = 'location'

),

-- A meeting that took place at the customer's is a visit.
ended as (

    select
        meetings.*,
        case
            when outcomes.event_type = 'meeting_held'
                then coalesce(locations.event_type, outcomes.event_type)
            else outcomes.event_type
        end as event_type,
        outcomes.property,
        outcomes.property_value

    from meetings

    left join outcomes
        on coalesce(meetings.outcome, '') = outcomes.name

    left join locations
        on coalesce(meetings.location, '') = locations.name

    where not meetings.is_deleted

),

-- That a meeting was arranged is an event of the day on which it was, before its outcome is known;
-- one that is noted after it took place was not arranged here.
arranged as (

    select
        ended.engagement_id,
        'meeting:' || ended.engagement_id || ':scheduled' as action_id,
        'meeting_scheduled' as event_type,
        cast(null as {{ dbt.type_string() }}) as outcome,
        ended.owner_id,
        coalesce(ended.created_at_text, ended.occurred_at_text) as occurred_at_text,
        {{ event_property_columns({'*': 'ended'}) -}}
        false as is_automated,
        coalesce(ended.created_at, ended.occurred_at) as occurred_at

    from ended

    where
        (ended.created_at is not null or ended.event_type is null)
        and (
            ended.created_at is null
            or ended.occurred_at is null
            or ended.created_at < ended.occurred_at
        )

),

came_to_an_end as (

    select
        ended.engagement_id,
        'meeting:' || ended.engagement_id as action_id,
        ended.event_type,
        ended.outcome,
        ended.owner_id,
        ended.occurred_at_text,
        {{ event_property_columns({'*': 'ended'}, ['ended']) -}}
        false as is_automated,
        ended.occurred_at

    from ended

    where ended.event_type is not null

),

actions as (

    select {{ column_list(action_columns(), 'arranged') }}

    from arranged

    union all

    select {{ column_list(action_columns(), 'came_to_an_end') }}

    from came_to_an_end

)

select * from actions
