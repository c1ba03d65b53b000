with

scored_days as (

    select * from {{ ref('int_scored_days') }}

),

published_days as (

    {{ state_rows('published_days', {
        'as_of_date': 'date',
        'rule_set_id': dbt.type_string(),
        'is_closed': 'boolean',
    }) | indent(4) }}

),

recorded_range as (

    select
        min(published_days.as_of_date) as first_recorded_date,
        max(published_days.as_of_date) as last_recorded_date

    from published_days

),

-- What was published on a day stands once a later day is built; the last one is still open. A
-- build that does not bear the recorded day before its own has nothing to compare that one with.
history_days as (

    select
        published_days.rule_set_id,
        scored_days.is_current,
        coalesce(
            published_days.as_of_date is not null
            and scored_days.as_of_date < recorded_range.last_recorded_date,
            false
        ) as is_over,
        coalesce(
            published_days.as_of_date is not null
            and (published_days.is_closed or not scored_days.is_current)
            or (
                scored_days.previous_date is null
                and scored_days.as_of_date > recorded_range.first_recorded_date
            ),
            false
        ) as is_recorded,
        scored_days.as_of_date,
        scored_days.previous_date

    from scored_days

    cross join recorded_range

    left join published_days
        on scored_days.as_of_date = published_days.as_of_date

)

select * from history_days
