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

groups as (

    select distinct
        rules.group_key,
        score_groups.min_points,
        score_groups.max_points

    from rules

    left join score_groups
        on
            rules.score_id = score_groups.score_id
            and rules.group_id = score_groups.group_id

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

limited as (

    select
        group_sums.lead_key,
        group_sums.group_key,
        group_sums.points,
        {{ limit_between('group_sums.points', 'groups.min_points', 'groups.max_points') }}
            as limited_points

    from group_sums

    inner join groups
        on group_sums.group_key = groups.group_key

)

select * from limited
