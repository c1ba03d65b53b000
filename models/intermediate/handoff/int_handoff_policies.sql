with

policies as (

    select * from {{ ref('handoff_policies') }}

),

handoff_stages as (

    select
        handoff_stage,
        sort_order as stage_order,
        lag(handoff_stage) over (order by sort_order, handoff_stage) as previous_stage

    from {{ ref('handoff_stages') }}

),

published_days as (

    {{ state_rows('published_days', {'as_of_date': 'date'}) | indent(4) }}

),

-- The first build looks back a little; days before that are the history of somebody else.
bounds as (

    select
        cast({{ dbt.dateadd(
            'day',
            '-cast(' ~ handoff_setting('look_back_days') ~ ' as integer)',
            'least(coalesce(min(published_days.as_of_date), ' ~ first_scored_date() ~ '), '
            ~ first_scored_date() ~ ')'
        ) }} as date) as first_crossing_date,
        cast({{ handoff_setting('look_back_days') }} as integer) as look_back_days

    from published_days

),

keyed as (

    select
        policies.policy_id,
        policies.handoff_stage,
        handoff_stages.previous_stage,
        policies.motion,
        policies.service_level_id,
        policies.enter_rules,
        policies.enter_grades,
        policies.enter_points,
        policies.enter_dispositions,
        coalesce(policies.stay_grades, policies.enter_grades) as stay_grades,
        coalesce(policies.stay_points, policies.enter_points) as stay_points,
        policies.bypass_rules,
        policies.blocked_by_rules,
        policies.required_fields,
        cast(
            row_number() over (order by policies.policy_id, policies.valid_from nulls first)
            as integer
        ) as policy_key,
        policies.sort_order,
        coalesce(policies.min_days_above, 0) as min_days_above,
        coalesce(policies.cool_down_days, 0) as cool_down_days,
        coalesce(policies.min_new_points, 0) as min_new_points,
        bounds.look_back_days,
        coalesce(policies.enter_on_recontact_date, false) as enter_on_recontact_date,
        coalesce(policies.fill_only, false) as is_fill_only,
        policies.valid_from,
        policies.valid_to,
        bounds.first_crossing_date

    from policies

    inner join handoff_stages
        on policies.handoff_stage = handoff_stages.handoff_stage

    cross join bounds

)

select * from keyed
