{{ config(meta={'dagster': {'ref': {'name': 'fct_lead_outcomes'}}}) }}

with

outcomes as (

    select * from {{ ref('fct_lead_outcomes') }}

    where
        outcome = 'won'
        and deal_id is not null

),

deals as (

    select * from {{ ref('int_deals') }}

    where
        outcome = 'won'
        and is_new_win

),

outcome_sums as (

    select coalesce(sum(outcomes.attributed_amount), 0) as amount

    from outcomes

),

deal_sums as (

    select coalesce(sum(deals.amount), 0) as amount

    from deals

),

differences as (

    select
        outcome_sums.amount as outcome_amount,
        deal_sums.amount as deal_amount

    from outcome_sums

    cross join deal_sums

    where outcome_sums.amount <> deal_sums.amount

)

select * from differences
