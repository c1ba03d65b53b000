{{ config(materialized='view') }}
with

tasks as (

    select * from {{ ref('stg_hubspot__engagement_tasks') }}

),

notes as (

    select * from {{ ref('stg_hubspot__engagement_notes') }}

),

statuses as (

    select *
    from {{ ref('int_hubspot__event_names') }}
    where source_table = 'engagement_task' and field = 'status'

),

subjects as (

    select *
    from {{ ref('int_hubspot__event_names') }}
    where source_table = 'engagement_task' and field = 'subject'

),

-- A task that is only planned is no event; what it was about may name a better type.
named as (

    select
        tasks.engagement_id,
        'task:' || tasks.engagement_id as action_id,
        coalesce(subjects.event_type, statuses.event_type) as event_type,
        tasks.status as outcome,
        tasks.owner_id,
        tasks.occurred_at_text,
        {{ event_property_columns(relations=['subjects', 'statuses']) -}}
        false as is_automated,
        tasks.occurred_at

    from tasks

    inner join statuses
        on coalesce(tasks.status, '') = statuses.name

    left join subjects
        on coalesce(tasks.subject, '') = subjects.name

    where
        not tasks.is_deleted
        and statuses.event_type is not null

),

noted as (

    select
        notes.engagement_id,
        'note:' || notes.engagement_id as action_id,
        'note_written' as event_type,
        cast(null as {{ dbt.type_string() }}) as outcome,
        notes.owner_id,
        notes.occurred_at_text,
        {{ event_property_columns() -}}
        false as is_automated,
        notes.occurred_at

    from notes

    where not notes.is_deleted

),

actions as (

    select {{ column_list(action_columns(), 'named') }}

    from named

    union all

    select {{ column_list(action_columns(), 'noted') }}

    from noted

)

select * from actions
