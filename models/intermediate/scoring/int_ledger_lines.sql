{{ config(materialized='view') }}
with

rule_points as (

    select * from {{ ref('int_rule_points') }}

),

rules as (

    select * from {{ ref('int_rules') }}

),

score_groups as (

    select * from {{ ref('score_groups') }}

),

score_definitions as (

    select * from {{ ref('score_definitions') }}

),

groups as (

    select distinct
        group_key,
        score_id,
        group_id

    from rules

),

-- Grouped by numbers, which costs a quarter of grouping by the names of score and group.
group_sums as (

    select
        rule_points.lead_key,
        rules.group_key,
        sum(rule_points.decayed_points) as points

    from rule_points

    inner join rules
        on rule_points.rule_key = rules.rule_key

    group by
        rule_points.lead_key,
        rules.group_key

),

limited_groups as (

    select
        group_sums.lead_key,
        groups.score_id,
        groups.group_id,
        group_sums.points,
        {{ limit_between(
            'group_sums.points', 'score_groups.min_points', 'score_groups.max_points'
        ) }} as limited_points

    from group_sums

    inner join groups
        on group_sums.group_key = groups.group_key

    left join score_groups
        on
            groups.score_id = score_groups.score_id
            and groups.group_id = score_groups.group_id

),

score_sums as (

    select
        limited_groups.lead_key,
        limited_groups.score_id,
        sum(limited_groups.limited_points) as points

    from limited_groups

    group by
        limited_groups.lead_key,
        limited_groups.score_id

),

limited_scores as (

    select
        score_sums.lead_key,
        score_sums.score_id,
        score_sums.points,
        {{ limit_between(
            'score_sums.points', 'score_definitions.min_points', 'score_definitions.max_points'
        ) }} as limited_points

    from score_sums

    inner join score_definitions
        on score_sums.score_id = score_definitions.score_id

),

-- Undecayed points, then what decay took, then what the limits of group and score took.
lines as (

    select
        rule_points.lead_key,
        rules.score_id,
        rules.group_id,
        rules.rule_id,
        'points' as entry_type,
        rule_points.undecayed_points as points,
        rule_points.occurrences,
        rule_points.last_event_date

    from rule_points

    inner join rules
        on rule_points.rule_key = rules.rule_key

    union all

    select
        rule_points.lead_key,
        rules.score_id,
        rules.group_id,
        rules.rule_id,
        'decay' as entry_type,
        rule_points.decayed_points - rule_points.undecayed_points as points,
        rule_points.occurrences,
        rule_points.last_event_date

    from rule_points

    inner join rules
        on rule_points.rule_key = rules.rule_key

    where rule_points.decayed_points <> rule_points.undecayed_points

    union all

    select
        limited_groups.lead_key,
        limited_groups.score_id,
        limited_groups.group_id,
        null as rule_id,
        'group_limit' as entry_type,
        limited_groups.limited_points - limited_groups.points as points,
        null as occurrences,
        null as last_event_date

    from limited_groups

    where limited_groups.limited_points <> limited_groups.points

    union all

    select
        limited_scores.lead_key,
        limited_scores.score_id,
        null as group_id,
        null as rule_id,
        'score_limit' as entry_type,
        limited_scores.limited_points - limited_scores.points as points,
        null as occurrences,
        null as last_event_date

    from limited_scores

    where limited_scores.limited_points <> limited_scores.points

)

select * from lines
