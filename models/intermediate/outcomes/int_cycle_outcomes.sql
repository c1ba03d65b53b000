with

outcomes as (

    select * from {{ ref('int_lead_outcomes') }}

),

lead_cycles as (

    select * from {{ ref('int_lead_cycles') }}

),

-- Nothing begins anew while a deal is open, so that it is closed in the cycle in which it was
-- opened; without a day of opening the day of the outcome decides.
cycle_outcomes as (

    select
        outcomes.lead_id,
        outcomes.deal_id,
        outcomes.company_id,
        outcomes.outcome,
        outcomes.reason,
        outcomes.deal_kind,
        outcomes.lead_key,
        coalesce(lead_cycles.cycle_number, 1) as cycle_number,
        outcomes.outcome_number,
        outcomes.amount,
        outcomes.attributed_amount,
        outcomes.outcome_weight,
        outcomes.is_new_win,
        outcomes.created_date,
        outcomes.closed_date,
        outcomes.created_at,
        outcomes.closed_at

    from outcomes

    left join lead_cycles
        on
            outcomes.lead_key = lead_cycles.lead_key
            and {{ in_cycle(
                'lead_cycles', 'coalesce(outcomes.created_date, outcomes.closed_date)'
            ) | indent(12) }}

)

select * from cycle_outcomes
