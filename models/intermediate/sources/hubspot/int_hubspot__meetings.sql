{{ config(materialized='view') }}
with

meetings as (

    select * from {{ ref('stg_hubspot__engagement_meetings') }}

),

engagement_contacts as (

    select * from {{ ref('stg_hubspot__engagement_contacts') }}

),

-- When a meeting takes place is known from the day on which it was arranged.
contact_meetings as (

    select
        engagement_contacts.contact_id as lead_id,
        coalesce(meetings.created_at, meetings.occurred_at) as agreed_at,
        meetings.occurred_at as meeting_at

    from meetings

    inner join engagement_contacts
        on meetings.engagement_id = engagement_contacts.engagement_id

    where
        not meetings.is_deleted
        and not engagement_contacts.is_deleted
        and meetings.occurred_at is not null

)

select * from contact_meetings
