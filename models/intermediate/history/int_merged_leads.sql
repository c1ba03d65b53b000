with

record_leads as (

    select * from {{ ref('int_record_leads') }}

),

steps as (

    select distinct
        lead_id,
        as_of_date,
        previous_date

    from {{ ref('int_score_steps') }}

),

-- A record that joined between the two days brought its events and values along.
merged as (

    select distinct
        steps.lead_id,
        steps.as_of_date

    from steps

    inner join record_leads
        on
            steps.lead_id = record_leads.lead_id
            and steps.previous_date < record_leads.joined_date
            and steps.as_of_date >= record_leads.joined_date

)

select * from merged
