with

computed_steps as (

    select * from {{ ref('int_computed_steps') }}

),

recorded_steps as (

    select * from {{ ref('int_recorded_steps') }}

),

lead_days as (

    select * from {{ ref('int_lead_days') }}

),

scores as (

    select * from {{ ref('int_lead_day_scores') }}

),

steps as (

    select
        computed_steps.lead_id,
        computed_steps.score_id,
        computed_steps.lead_key,
        computed_steps.previous_lead_key,
        computed_steps.points_before,
        computed_steps.points_after,
        computed_steps.as_of_date,
        computed_steps.previous_date

    from computed_steps

    union all

    select
        recorded_steps.lead_id,
        recorded_steps.score_id,
        recorded_steps.lead_key,
        recorded_steps.previous_lead_key,
        recorded_steps.points_before,
        recorded_steps.points_after,
        recorded_steps.as_of_date,
        recorded_steps.previous_date

    from recorded_steps

),

-- Beside what counts on both days, what this build makes of them.
score_steps as (

    select
        steps.lead_id,
        steps.score_id,
        steps.lead_key,
        previous_lead_days.lead_key as previous_lead_key,
        steps.points_before,
        steps.points_after,
        previous_scores.points as computed_before,
        scores.points as computed_after,
        previous_scores.limit_points as limit_points_before,
        scores.limit_points as limit_points_after,
        steps.as_of_date,
        steps.previous_date

    from steps

    left join lead_days as previous_lead_days
        on
            steps.previous_lead_key = previous_lead_days.lead_key
            and steps.previous_date = previous_lead_days.as_of_date

    left join scores as previous_scores
        on
            previous_lead_days.lead_key = previous_scores.lead_key
            and steps.score_id = previous_scores.score_id

    left join {{ ref('int_lead_day_scores') }} as scores
        on
            steps.lead_key = scores.lead_key
            and steps.score_id = scores.score_id

)

select * from score_steps
