{{ config(meta={'dagster': {'ref': {'name': 'fct_lead_outcomes'}}}) }}

with

outcomes as (

    select * from {{ ref('fct_lead_outcomes') }}

    where deal_id is not null

),

sums as (

    select
        outcomes.deal_id,
        sum(outcomes.outcome_weight) as outcome_weight,
        sum(outcomes.attributed_amount) as attributed_amount,
        min(outcomes.amount) as smallest_amount,
        max(outcomes.amount) as amount

    from outcomes

    group by outcomes.deal_id

),

broken as (

    select
        sums.deal_id,
        sums.outcome_weight,
        sums.attributed_amount,
        sums.amount

    from sums

    where
        sums.outcome_weight <> 1
        or not {{ is_same_value('sums.attributed_amount', 'sums.amount') }}
        or not {{ is_same_value('sums.smallest_amount', 'sums.amount') }}

)

select * from broken
