with

scored_days as (

    select * from {{ ref('int_history_days') }}

),

lead_days as (

    select * from {{ ref('int_lead_days') }}

),

rules as (

    select * from {{ ref('int_rules') }}

),

rule_points as (

    select * from {{ ref('int_rule_points') }}

),

-- A later build compares with the last day, or with the one before it if it builds that day anew.
last_days as (

    select scored_days.as_of_date

    from scored_days

    inner join {{ ref('int_history_days') }} as current_days
        on
            scored_days.as_of_date = current_days.as_of_date
            or scored_days.as_of_date = current_days.previous_date

    where
        current_days.is_current
        and not scored_days.is_recorded

),

points_to_record as (

    select
        lead_days.lead_id,
        rules.score_id,
        rules.rule_id,
        rule_points.decayed_points as points,
        lead_days.as_of_date

    from last_days

    inner join lead_days
        on last_days.as_of_date = lead_days.as_of_date

    inner join rule_points
        on lead_days.lead_key = rule_points.lead_key

    inner join rules
        on rule_points.rule_key = rules.rule_key

    where rule_points.decayed_points <> 0

)

select * from points_to_record
