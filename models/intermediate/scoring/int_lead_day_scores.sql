with

scored_leads as (

    select * from {{ ref('int_scored_leads') }}

),

group_points as (

    select * from {{ ref('int_group_points') }}

),

groups as (

    select distinct
        group_key,
        score_id

    from {{ ref('int_rules') }}

),

score_definitions as (

    select * from {{ ref('score_definitions') }}

),

score_bands as (

    select * from {{ ref('int_score_bands') }}

),

sums as (

    select
        group_points.lead_key,
        groups.score_id,
        sum(group_points.points) as unlimited_points,
        sum(group_points.limited_points) as points

    from group_points

    inner join groups
        on group_points.group_key = groups.group_key

    group by
        group_points.lead_key,
        groups.score_id

),

-- Every score of every scored lead, zero included.
limited as (

    select
        scored_leads.lead_key,
        scored_leads.lead_id,
        score_definitions.score_id,
        scored_leads.person_key,
        scored_leads.as_of_date,
        coalesce(sums.unlimited_points, 0) as unlimited_points,
        coalesce(sums.points, 0) as group_limited_points,
        {{ limit_between(
            'coalesce(sums.points, 0)',
            'score_definitions.min_points',
            'score_definitions.max_points'
        ) }} as points

    from scored_leads

    cross join score_definitions

    left join sums
        on
            scored_leads.lead_key = sums.lead_key
            and score_definitions.score_id = sums.score_id

),

lead_day_scores as (

    select
        limited.lead_key,
        limited.lead_id,
        limited.score_id,
        score_bands.band,
        limited.person_key,
        cast(limited.points as decimal(12, 2)) as points,
        cast(limited.points - limited.unlimited_points as decimal(12, 2)) as limit_points,
        cast(limited.points - limited.group_limited_points as decimal(12, 2))
            as score_limit_points,
        limited.as_of_date

    from limited

    left join score_bands
        on
            limited.score_id = score_bands.score_id
            and (score_bands.min_points is null or limited.points >= score_bands.min_points)
            and (
                score_bands.next_min_points is null
                or limited.points < score_bands.next_min_points
            )

)

select * from lead_day_scores
