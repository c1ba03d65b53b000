{{ config(meta={'dagster': {'ref': {'name': 'int_lead_day_scores'}}}) }}

with

score_values as (

    select * from {{ ref('fct_lead_score_values') }}

),

day_scores as (

    select
        day_scores.lead_id,
        day_scores.score_id,
        day_scores.band,
        day_scores.points

    from {{ ref('int_lead_day_scores') }} as day_scores

    where day_scores.as_of_date = {{ as_of_date() }}

),

-- Both sides must be there, with the same points and band.
differences as (

    select
        coalesce(score_values.lead_id, day_scores.lead_id) as lead_id,
        coalesce(score_values.score_id, day_scores.score_id) as score_id,
        score_values.points as score_points,
        day_scores.points as day_points

    from score_values

    full outer join day_scores
        on
            score_values.lead_id = day_scores.lead_id
            and score_values.score_id = day_scores.score_id

    where
        score_values.lead_id is null
        or day_scores.lead_id is null
        or score_values.points <> day_scores.points
        or coalesce(score_values.band, '') <> coalesce(day_scores.band, '')

)

select * from differences
