with

outcomes as (

    select * from {{ ref('int_lead_outcomes') }}

),

-- In files an outcome belongs to one lead alone, and bears no id of a deal.
weighted as (

    select
        outcomes.lead_id,
        cast(null as {{ dbt.type_string() }}) as deal_id,
        outcomes.outcome,
        outcomes.reason,
        outcomes.cycle_number,
        outcomes.amount,
        cast(1 as decimal(9, 6)) as outcome_weight,
        outcomes.closed_date,
        outcomes.closed_at

    from outcomes

)

select * from weighted
