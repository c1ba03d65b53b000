with

outcomes as (

    select * from {{ ref('int_cycle_outcomes') }}

    where is_new_win

),

meetings as (

    select * from {{ ref('int_lead_meetings') }}

),

new_business as (

    select
        outcomes.lead_id,
        outcomes.deal_id,
        outcomes.company_id,
        outcomes.outcome,
        outcomes.reason,
        outcomes.deal_kind,
        outcomes.cycle_number,
        outcomes.outcome_number,
        outcomes.amount,
        outcomes.attributed_amount,
        outcomes.outcome_weight,
        outcomes.is_new_win,
        meetings.meeting_date,
        outcomes.created_date as opportunity_date,
        outcomes.closed_date,
        outcomes.created_at,
        outcomes.closed_at

    from outcomes

    left join meetings
        on
            outcomes.lead_key = meetings.lead_key
            and outcomes.cycle_number = meetings.cycle_number

)

select * from new_business
