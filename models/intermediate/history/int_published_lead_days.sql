with

published_scores as (

    select * from {{ ref('int_published_scores') }}

),

recorded_days as (

    select * from {{ ref('int_history_days') }}

    where is_recorded

),

ranked as (

    select
        published_scores.*,
        recorded_days.as_of_date,
        row_number() over (
            partition by
                recorded_days.as_of_date,
                published_scores.lead_id
            order by published_scores.valid_from desc
        ) as row_rank

    from recorded_days

    inner join published_scores
        on recorded_days.as_of_date >= published_scores.valid_from

),

published_lead_days as (

    select
        ranked.lead_id,
        ranked.fit_band,
        ranked.engagement_band,
        ranked.grade,
        ranked.temperature,
        ranked.route,
        ranked.rule_set_id,
        ranked.origin,
        ranked.other_scores,
        ranked.fit_score,
        ranked.engagement_score,
        ranked.priority,
        ranked.as_of_date

    from ranked

    where
        ranked.row_rank = 1
        and ranked.is_scored

)

select * from published_lead_days
