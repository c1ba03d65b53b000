{%- set values = [
    'lead_id', 'grade', 'other_scores', 'fit_score', 'engagement_score', 'is_scored', 'valid_from'
] -%}
with

policies as (

    select * from {{ ref('int_handoff_policies') }}

    where
        enter_grades is not null
        or enter_points is not null

),

known_rows as (

    select {{ column_list(values, 'published_scores') }}

    from {{ ref('int_published_scores') }} as published_scores

    union all

    select {{ column_list(values, 'score_periods') }}

    from {{ ref('int_score_periods') }} as score_periods

),

-- `fit:20,engagement:60`: all of them are needed.
point_texts as (

    select
        policies.policy_key,
        'enter' as line,
        {{ unnest_items(split_items('policies.enter_points', ',')) }} as point_text

    from policies

    where policies.enter_points is not null

    union all

    select
        policies.policy_key,
        'stay' as line,
        {{ unnest_items(split_items('policies.stay_points', ',')) }} as point_text

    from policies

    where policies.stay_points is not null

),

points as (

    select
        point_texts.policy_key,
        point_texts.line,
        {{ trim_text(dbt.split_part('point_texts.point_text', "':'", 1)) }} as score_id,
        cast({{ dbt.split_part('point_texts.point_text', "':'", 2) }} as decimal(12, 2))
            as min_points,
        count(*) over (partition by point_texts.policy_key, point_texts.line) as needed_count

    from point_texts

),

met_points as (

    select
        known_rows.lead_id,
        known_rows.valid_from,
        points.policy_key,
        points.line

    from points

    inner join known_rows
        on
            known_rows.is_scored
            and case points.score_id
                when 'fit' then known_rows.fit_score
                when 'engagement' then known_rows.engagement_score
                else {{ json_number('known_rows.other_scores', 'points.score_id') }}
            end >= points.min_points

    group by
        known_rows.lead_id,
        known_rows.valid_from,
        points.policy_key,
        points.line,
        points.needed_count

    having count(*) = points.needed_count

),

-- Most leads are never above a line.
entered as (

    select distinct
        known_rows.lead_id,
        policies.policy_key

    from known_rows

    inner join policies
        on {{ is_listed('known_rows.grade', 'policies.enter_grades') }}

    where known_rows.is_scored

    union

    select
        met_points.lead_id,
        met_points.policy_key

    from met_points

    where met_points.line = 'enter'

),

judged as (

    select
        known_rows.lead_id,
        entered.policy_key,
        policies.enter_grades is not null
        and {{ is_listed('known_rows.grade', 'policies.enter_grades') }}
        and known_rows.is_scored as is_by_grade,
        known_rows.is_scored
        and (
            {{ is_listed('known_rows.grade', 'policies.enter_grades') }}
            or enter_points.lead_id is not null
        ) as is_entering,
        known_rows.is_scored
        and (
            {{ is_listed('known_rows.grade', 'policies.stay_grades') }}
            or {{ is_listed('known_rows.grade', 'policies.enter_grades') }}
            or enter_points.lead_id is not null
            or stay_points.lead_id is not null
        ) as is_staying,
        known_rows.valid_from

    from known_rows

    inner join entered
        on known_rows.lead_id = entered.lead_id

    inner join policies
        on entered.policy_key = policies.policy_key

    left join met_points as enter_points
        on
            known_rows.lead_id = enter_points.lead_id
            and known_rows.valid_from = enter_points.valid_from
            and entered.policy_key = enter_points.policy_key
            and enter_points.line = 'enter'

    left join met_points as stay_points
        on
            known_rows.lead_id = stay_points.lead_id
            and known_rows.valid_from = stay_points.valid_from
            and entered.policy_key = stay_points.policy_key
            and stay_points.line = 'stay'

),

followed as (

    select
        judged.*,
        lead(judged.valid_from) over lead_rows as next_from,
        sum(case when judged.is_staying then 0 else 1 end) over lead_rows as fall_count

    from judged

    window lead_rows as (
        partition by judged.lead_id, judged.policy_key
        order by judged.valid_from
    )

),

-- From the first day above the line to the first on which the lead may not even stay.
line_periods as (

    select
        followed.lead_id,
        case when bool_or(followed.is_by_grade) then 'grade' else 'points' end as cause_type,
        followed.policy_key,
        min(case when followed.is_entering then followed.valid_from end) as from_date,
        case
            when count(*) = count(followed.next_from) then max(followed.next_from)
        end as until_date

    from followed

    where followed.is_staying

    group by
        followed.lead_id,
        followed.policy_key,
        followed.fall_count

    having bool_or(followed.is_entering)

)

select * from line_periods
