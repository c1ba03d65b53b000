{{ config(materialized='view') }}
with

rule_points as (

    select * from {{ ref('int_rule_points') }}

    where is_current

),

rules as (

    select * from {{ ref('int_rules') }}

),

group_points as (

    select * from {{ ref('int_group_points') }}

),

scores as (

    select * from {{ ref('int_lead_day_scores') }}

),

groups as (

    select distinct
        group_key,
        score_id,
        group_id

    from rules

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
        group_points.lead_key,
        groups.score_id,
        groups.group_id,
        null as rule_id,
        'group_limit' as entry_type,
        group_points.limited_points - group_points.points as points,
        null as occurrences,
        null as last_event_date

    from group_points

    inner join groups
        on group_points.group_key = groups.group_key

    where group_points.limited_points <> group_points.points

    union all

    select
        scores.lead_key,
        scores.score_id,
        null as group_id,
        null as rule_id,
        'score_limit' as entry_type,
        scores.score_limit_points as points,
        null as occurrences,
        null as last_event_date

    from scores

    where scores.score_limit_points <> 0

)

select * from lines
