{{ config(materialized='view') }}
with

emails as (

    select * from {{ ref('stg_hubspot__engagement_emails') }}

),

directions as (

    select *
    from {{ ref('int_hubspot__event_names') }}
    where source_table = 'engagement_email' and field = 'direction'

),

automation_patterns as (

    select * from {{ ref('automation_patterns') }}

),

directed as (

    select
        emails.*,
        directions.event_type

    from emails

    inner join directions
        on coalesce(emails.direction, '') = directions.name

    where
        not emails.is_deleted
        and directions.event_type is not null

),

-- Sequences write in the name of a salesperson, absence notices in the name of the person.
automatic as (

    select distinct
        directed.event_type,
        directed.subject

    from directed

    inner join automation_patterns
        on
            automation_patterns.what = 'email_subject'
            and (
                automation_patterns.event_type is null
                or directed.event_type = automation_patterns.event_type
            )
            and {{ matches_name('directed.subject', 'automation_patterns') }}

),

named as (

    select
        directed.engagement_id,
        'personal_email:' || directed.engagement_id as action_id,
        directed.event_type,
        cast(null as {{ dbt.type_string() }}) as outcome,
        directed.owner_id,
        directed.occurred_at_text,
        {{ event_property_columns() -}}
        automatic.event_type is not null as is_automated,
        directed.occurred_at

    from directed

    left join automatic
        on
            directed.event_type = automatic.event_type
            and directed.subject = automatic.subject

),

actions as (

    select {{ column_list(action_columns(), 'named') }}

    from named

)

select * from actions
