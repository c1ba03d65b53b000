with

steps as (

    select * from {{ ref('int_score_steps') }}

),

step_points as (

    select * from {{ ref('int_step_points') }}

),

recomputed_points as (

    select * from {{ ref('int_recomputed_points') }}

),

scored_days as (

    select * from {{ ref('int_history_days') }}

),

former_leads as (

    select * from {{ ref('int_former_leads') }}

),

rule_set as (

    select * from {{ ref('int_rule_set') }}

),

ended as (

    select
        steps.lead_id,
        steps.score_id,
        case when former_leads.lead_id is not null then 'merge' else 'attribute' end as cause,
        -steps.points_before as points,
        steps.as_of_date

    from steps

    left join former_leads
        on
            steps.lead_id = former_leads.lead_id
            and steps.previous_date < former_leads.until_date
            and steps.as_of_date >= former_leads.until_date

    where steps.points_after is null

),

-- Of a day recorded before the one that it is compared with, what came in since.
recorded_later as (

    select
        steps.lead_id,
        steps.score_id,
        case
            when scored_days.rule_set_id <> rule_set.rule_set_id then 'rule_change'
            else 'late_data'
        end as cause,
        steps.points_after - coalesce(steps.computed_after, steps.computed_before, 0) as points,
        steps.as_of_date

    from steps

    inner join scored_days
        on steps.as_of_date = scored_days.as_of_date

    cross join rule_set

    where
        scored_days.is_recorded
        and steps.points_after is not null

),

limited as (

    select
        steps.lead_id,
        steps.score_id,
        'limits' as cause,
        steps.limit_points_after - coalesce(steps.limit_points_before, 0) as points,
        steps.as_of_date

    from steps

    where
        steps.points_after is not null
        and steps.computed_after is not null

),

parts as (

    select * from step_points

    union all

    select * from recomputed_points

    union all

    select * from ended

    union all

    select * from recorded_later

    union all

    select * from limited

),

summed as (

    select
        parts.lead_id,
        parts.score_id,
        parts.cause,
        cast(sum(parts.points) as decimal(12, 2)) as points,
        parts.as_of_date as changed_date

    from parts

    group by
        parts.lead_id,
        parts.score_id,
        parts.cause,
        parts.as_of_date

    having sum(parts.points) <> 0

)

select * from summed
