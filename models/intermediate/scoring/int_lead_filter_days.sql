{{ config(materialized='view') }}
with

scored_leads as (

    select * from {{ ref('int_scored_leads') }}

),

scored_days as (

    select * from {{ ref('int_scored_days') }}

),

person_filter_days as (

    select * from {{ ref('int_person_filter_days') }}

),

lead_days as (

    select
        scored_leads.lead_key,
        scored_leads.person_key,
        scored_leads.is_current,
        scored_leads.as_of_date,
        {{ day_count('scored_leads.as_of_date') }} as as_of_day,
        case
            when scored_leads.previous_lead_key is not null
                then {{ day_count('scored_days.previous_date') }}
        end as previous_day

    from scored_leads

    inner join scored_days
        on scored_leads.as_of_date = scored_days.as_of_date

),

known as (

    select
        lead_days.lead_key,
        person_filter_days.filter_key,
        lead_days.is_current,
        lead_days.as_of_date,
        lead_days.as_of_day,
        lead_days.previous_day,
        person_filter_days.late_events,
        {{ days_known_by(
            'person_filter_days.event_days', 'person_filter_days.late_events',
            'lead_days.as_of_day'
        ) }} as event_days,
        {{ days_known_by(
            'person_filter_days.event_days', 'person_filter_days.late_events',
            'lead_days.previous_day'
        ) }} as earlier_days

    from person_filter_days

    inner join lead_days
        on person_filter_days.person_key = lead_days.person_key

),

-- Events of later days stand first in the lists; they do not exist yet.
positioned as (

    select
        known.*,
        {{ count_after('known.event_days', 'known.as_of_day') }} + 1 as first_position

    from known

),

-- Without late events only what happened after the previous day is news.
compared as (

    select
        positioned.*,
        case
            when positioned.previous_day is null then false
            when
                positioned.late_events is null
                then
                    {{ item_at('positioned.event_days', 'positioned.first_position') }}
                    > positioned.previous_day
            else
                {{ item_count('positioned.event_days') }} - positioned.first_position + 1
                > {{ item_count('positioned.earlier_days') }}
                - {{ count_after('positioned.earlier_days', 'positioned.previous_day') }}
        end as has_news

    from positioned

    where positioned.first_position <= {{ item_count('positioned.event_days') }}

),

lead_filter_days as (

    select
        compared.lead_key,
        compared.filter_key,
        compared.as_of_day,
        compared.event_days,
        compared.first_position,
        compared.earlier_days,
        case
            when compared.has_news
                then {{ count_after('compared.earlier_days', 'compared.previous_day') }} + 1
        end as earlier_position,
        compared.is_current,
        compared.as_of_date

    from compared

)

select * from lead_filter_days
