{{ config(materialized='view') }}
with

scored_days as (

    select * from {{ ref('int_history_days') }}

),

lead_days as (

    select * from {{ ref('int_lead_days') }}

),

scored_leads as (

    select * from {{ ref('int_scored_leads') }}

),

scores as (

    select * from {{ ref('int_lead_day_scores') }}

),

-- Days that are not recorded yet and that follow none that is.
days as (

    select
        scored_days.as_of_date,
        scored_days.previous_date

    from scored_days

    where
        not scored_days.is_recorded
        and not exists (
            select 1
            from {{ ref('int_history_days') }} as previous_days
            where
                scored_days.previous_date = previous_days.as_of_date
                and previous_days.is_recorded
        )

),

changed as (

    select
        scores.lead_id,
        scores.score_id,
        scores.lead_key,
        lead_days.previous_lead_key,
        previous_scores.points as points_before,
        scores.points as points_after,
        scores.as_of_date,
        days.previous_date

    from days

    inner join scores
        on days.as_of_date = scores.as_of_date

    inner join lead_days
        on scores.lead_key = lead_days.lead_key

    left join {{ ref('int_lead_day_scores') }} as previous_scores
        on
            lead_days.previous_lead_key = previous_scores.lead_key
            and scores.score_id = previous_scores.score_id
            and days.previous_date = previous_scores.as_of_date

    where
        previous_scores.lead_key is null
        or previous_scores.points <> scores.points

),

scored_on as (

    select
        lead_days.previous_lead_key,
        lead_days.as_of_date

    from scored_leads

    inner join lead_days
        on scored_leads.lead_key = lead_days.lead_key

    where lead_days.previous_lead_key is not null

),

-- Excluded, merged away or gone.
ended as (

    select
        scores.lead_id,
        scores.score_id,
        cast(null as integer) as lead_key,
        scores.lead_key as previous_lead_key,
        scores.points as points_before,
        cast(null as decimal(12, 2)) as points_after,
        days.as_of_date,
        days.previous_date

    from days

    inner join scores
        on days.previous_date = scores.as_of_date

    where not exists (
        select 1
        from scored_on
        where
            scores.lead_key = scored_on.previous_lead_key
            and days.as_of_date = scored_on.as_of_date
    )

),

steps as (

    select
        changed.lead_id,
        changed.score_id,
        changed.lead_key,
        changed.previous_lead_key,
        changed.points_before,
        changed.points_after,
        changed.as_of_date,
        changed.previous_date

    from changed

    union all

    select
        ended.lead_id,
        ended.score_id,
        ended.lead_key,
        ended.previous_lead_key,
        ended.points_before,
        ended.points_after,
        ended.as_of_date,
        ended.previous_date

    from ended

)

select * from steps
