{{ config(materialized='view') }}
with

leads as (

    select * from {{ ref('int_lead_days') }}

),

lead_exclusions as (

    select * from {{ ref('int_lead_exclusions') }}

),

scored as (

    select
        leads.lead_key,
        leads.lead_id,
        leads.person_key,
        leads.previous_lead_key,
        leads.is_current,
        leads.as_of_date

    from leads

    where not exists (
        select 1
        from lead_exclusions
        where
            leads.lead_key = lead_exclusions.lead_key
            and lead_exclusions.stops_scoring
    )

)

select * from scored
