{%- set columns = {
    'lead_id': dbt.type_string(),
    'score_id': dbt.type_string(),
    'rule_id': dbt.type_string(),
    'points': 'decimal(12, 2)',
    'as_of_date': 'date',
} -%}
with

-- Scores of a recorded day that come out otherwise today than they were published.
steps as (

    select
        lead_id,
        score_id,
        previous_lead_key,
        coalesce(computed_before, 0) - coalesce(points_before, 0) as points,
        as_of_date,
        previous_date

    from {{ ref('int_score_steps') }}

    where
        points_after is not null
        and coalesce(computed_before, 0) <> coalesce(points_before, 0)

),

published_points as (

    {{ state_rows('published_points', columns) | indent(4) }}

),

scored_days as (

    select * from {{ ref('int_history_days') }}

),

rules as (

    select * from {{ ref('int_rules') }}

),

rule_points as (

    select * from {{ ref('int_rule_points') }}

),

changed_definitions as (

    select * from {{ ref('int_changed_definitions') }}

),

rule_set as (

    select * from {{ ref('int_rule_set') }}

),

points_days as (

    select distinct published_points.as_of_date

    from published_points

),

both_sides as (

    select
        steps.lead_id,
        steps.score_id,
        rules.rule_id,
        rule_points.decayed_points as points,
        steps.as_of_date,
        steps.previous_date

    from steps

    inner join points_days
        on steps.previous_date = points_days.as_of_date

    inner join rule_points
        on steps.previous_lead_key = rule_points.lead_key

    inner join rules
        on
            rule_points.rule_key = rules.rule_key
            and steps.score_id = rules.score_id

    union all

    select
        steps.lead_id,
        steps.score_id,
        published_points.rule_id,
        -published_points.points as points,
        steps.as_of_date,
        steps.previous_date

    from steps

    inner join published_points
        on
            steps.lead_id = published_points.lead_id
            and steps.score_id = published_points.score_id
            and steps.previous_date = published_points.as_of_date

),

rule_differences as (

    select
        both_sides.lead_id,
        both_sides.score_id,
        both_sides.rule_id,
        sum(both_sides.points) as points,
        both_sides.as_of_date,
        both_sides.previous_date

    from both_sides

    group by
        both_sides.lead_id,
        both_sides.score_id,
        both_sides.rule_id,
        both_sides.as_of_date,
        both_sides.previous_date

    having sum(both_sides.points) <> 0

),

-- Other lists may change any rule; what neither they nor the rule explain came in late.
explained as (

    select
        rule_differences.lead_id,
        rule_differences.score_id,
        case
            when exists (
                select 1
                from changed_definitions
                where
                    rule_differences.previous_date = changed_definitions.as_of_date
                    and (
                        changed_definitions.kind = 'lists'
                        or (
                            changed_definitions.kind = 'rule'
                            and rule_differences.rule_id = changed_definitions.rule_id
                        )
                    )
            ) then 'rule_change'
            else 'late_data'
        end as cause,
        rule_differences.points,
        rule_differences.as_of_date

    from rule_differences

),

explained_sums as (

    select
        explained.lead_id,
        explained.score_id,
        explained.as_of_date,
        sum(explained.points) as points

    from explained

    group by
        explained.lead_id,
        explained.score_id,
        explained.as_of_date

),

-- What the rules leave is what the limits took on either side; days whose points are no longer
-- kept are judged as a whole.
unexplained as (

    select
        steps.lead_id,
        steps.score_id,
        case
            when points_days.as_of_date is null and scored_days.rule_set_id <> rule_set.rule_set_id
                then 'rule_change'
            when points_days.as_of_date is null then 'late_data'
            when changed_limits.as_of_date is not null then 'rule_change'
            else 'limits'
        end as cause,
        steps.points - coalesce(explained_sums.points, 0) as points,
        steps.as_of_date

    from steps

    inner join scored_days
        on steps.previous_date = scored_days.as_of_date

    cross join rule_set

    left join points_days
        on steps.previous_date = points_days.as_of_date

    left join explained_sums
        on
            steps.lead_id = explained_sums.lead_id
            and steps.score_id = explained_sums.score_id
            and steps.as_of_date = explained_sums.as_of_date

    left join changed_definitions as changed_limits
        on
            steps.previous_date = changed_limits.as_of_date
            and changed_limits.kind = 'limits'

),

recomputed_points as (

    select
        explained.lead_id,
        explained.score_id,
        explained.cause,
        explained.points,
        explained.as_of_date

    from explained

    union all

    select
        unexplained.lead_id,
        unexplained.score_id,
        unexplained.cause,
        unexplained.points,
        unexplained.as_of_date

    from unexplained

)

select * from recomputed_points
