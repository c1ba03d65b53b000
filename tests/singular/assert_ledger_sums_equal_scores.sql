{{ config(meta={'dagster': {'ref': {'name': 'fct_lead_score_values'}}}) }}

with

ledger as (

    select * from {{ ref('fct_score_ledger') }}

),

score_values as (

    select * from {{ ref('fct_lead_score_values') }}

),

sums as (

    select
        ledger.lead_id,
        ledger.score_id,
        sum(ledger.points) as points

    from ledger

    group by
        ledger.lead_id,
        ledger.score_id

),

-- Both sides must be there: a ledger without a score is as wrong as a score without its lines.
differences as (

    select
        coalesce(score_values.lead_id, sums.lead_id) as lead_id,
        coalesce(score_values.score_id, sums.score_id) as score_id,
        score_values.points as score_points,
        sums.points as ledger_points

    from score_values

    full outer join sums
        on
            score_values.lead_id = sums.lead_id
            and score_values.score_id = sums.score_id

    where
        score_values.lead_id is null
        or score_values.points <> coalesce(sums.points, 0)

)

select * from differences
