with

recorded_changes as (

    select * from {{ ref('int_recorded_changes') }}

),

parts as (

    select * from {{ ref('int_score_change_parts') }}

),

changes as (

    select
        recorded_changes.lead_id,
        recorded_changes.score_id,
        recorded_changes.cause,
        recorded_changes.points,
        recorded_changes.changed_date

    from recorded_changes

    union all

    select
        parts.lead_id,
        parts.score_id,
        parts.cause,
        parts.points,
        parts.changed_date

    from parts

)

select * from changes
