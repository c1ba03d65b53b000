{{ config(meta={'dagster': {'ref': {'name': 'fct_score_changes'}}}) }}

with

history as (

    select * from {{ ref('fct_lead_score_history') }}

),

changes as (

    select * from {{ ref('fct_score_changes') }}

),

-- A period begins from nothing unless the one before it ends on that day.
starts as (

    select
        history.lead_id,
        history.valid_from as changed_date,
        history.fit_score - coalesce(previous_rows.fit_score, 0) as fit_points,
        history.engagement_score - coalesce(previous_rows.engagement_score, 0)
            as engagement_points

    from history

    left join {{ ref('fct_lead_score_history') }} as previous_rows
        on
            history.lead_id = previous_rows.lead_id
            and history.valid_from = previous_rows.valid_to

),

ends as (

    select
        history.lead_id,
        history.valid_to as changed_date,
        -history.fit_score as fit_points,
        -history.engagement_score as engagement_points

    from history

    left join {{ ref('fct_lead_score_history') }} as next_rows
        on
            history.lead_id = next_rows.lead_id
            and history.valid_to = next_rows.valid_from

    where
        history.valid_to is not null
        and next_rows.lead_id is null

),

wanted as (

    select
        starts.lead_id,
        'fit' as score_id,
        starts.changed_date,
        starts.fit_points as points

    from starts

    union all

    select
        starts.lead_id,
        'engagement' as score_id,
        starts.changed_date,
        starts.engagement_points as points

    from starts

    union all

    select
        ends.lead_id,
        'fit' as score_id,
        ends.changed_date,
        ends.fit_points as points

    from ends

    union all

    select
        ends.lead_id,
        'engagement' as score_id,
        ends.changed_date,
        ends.engagement_points as points

    from ends

),

-- A change that is not explained is as wrong as a part of a change that is not there.
differences as (

    select
        wanted.lead_id,
        wanted.score_id,
        wanted.changed_date,
        wanted.points

    from wanted

    union all

    select
        changes.lead_id,
        changes.score_id,
        changes.changed_date,
        -changes.points as points

    from changes

    where changes.score_id in ('fit', 'engagement')

),

unequal as (

    select
        differences.lead_id,
        differences.score_id,
        differences.changed_date,
        sum(differences.points) as points

    from differences

    group by
        differences.lead_id,
        differences.score_id,
        differences.changed_date

    having sum(differences.points) <> 0

)

select * from unequal
