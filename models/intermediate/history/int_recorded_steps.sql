{{ config(materialized='view') }}
with

scored_days as (

    select * from {{ ref('int_history_days') }}

),

lead_days as (

    select * from {{ ref('int_lead_days') }}

),

computed_scores as (

    select * from {{ ref('int_lead_day_scores') }}

),

published_values as (

    select * from {{ ref('int_published_score_values') }}

),

-- Days beside one that is recorded: what was published there counts, not what comes out today.
days as (

    select
        scored_days.as_of_date,
        scored_days.previous_date,
        scored_days.is_recorded,
        previous_days.is_recorded as is_previous_recorded

    from scored_days

    inner join {{ ref('int_history_days') }} as previous_days
        on scored_days.previous_date = previous_days.as_of_date

    where scored_days.is_recorded <> previous_days.is_recorded

),

known_values as (

    select
        published_values.lead_id,
        published_values.score_id,
        published_values.points,
        published_values.as_of_date

    from published_values

    union all

    select
        computed_scores.lead_id,
        computed_scores.score_id,
        computed_scores.points,
        computed_scores.as_of_date

    from computed_scores

    inner join scored_days
        on computed_scores.as_of_date = scored_days.as_of_date

    where not scored_days.is_recorded

),

day_sides as (

    select
        days.as_of_date,
        days.previous_date,
        days.previous_date as side_date

    from days

    union all

    select
        days.as_of_date,
        days.previous_date,
        days.as_of_date as side_date

    from days

),

-- Two rows at most for each lead, score and step: before and after.
sides as (

    select
        known_values.lead_id,
        known_values.score_id,
        case when day_sides.side_date = day_sides.previous_date then known_values.points end
            as points_before,
        case when day_sides.side_date = day_sides.as_of_date then known_values.points end
            as points_after,
        day_sides.as_of_date,
        day_sides.previous_date

    from day_sides

    inner join known_values
        on day_sides.side_date = known_values.as_of_date

),

both_sides as (

    select
        sides.lead_id,
        sides.score_id,
        max(sides.points_before) as points_before,
        max(sides.points_after) as points_after,
        sides.as_of_date,
        sides.previous_date

    from sides

    group by
        sides.lead_id,
        sides.score_id,
        sides.as_of_date,
        sides.previous_date

    having
        max(sides.points_before) is null
        or max(sides.points_after) is null
        or max(sides.points_before) <> max(sides.points_after)

),

steps as (

    select
        both_sides.lead_id,
        both_sides.score_id,
        lead_days.lead_key,
        previous_lead_days.lead_key as previous_lead_key,
        both_sides.points_before,
        both_sides.points_after,
        both_sides.as_of_date,
        both_sides.previous_date

    from both_sides

    left join lead_days
        on
            both_sides.lead_id = lead_days.lead_id
            and both_sides.as_of_date = lead_days.as_of_date

    left join {{ ref('int_lead_days') }} as previous_lead_days
        on
            both_sides.lead_id = previous_lead_days.lead_id
            and both_sides.previous_date = previous_lead_days.as_of_date

)

select * from steps
