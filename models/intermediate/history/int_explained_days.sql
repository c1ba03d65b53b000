with

scored_days as (

    select * from {{ ref('int_history_days') }}

),

-- New days, and recorded ones that follow a new one.
explained as (

    select
        scored_days.is_recorded,
        scored_days.as_of_date,
        scored_days.previous_date

    from scored_days

    left join {{ ref('int_history_days') }} as previous_days
        on scored_days.previous_date = previous_days.as_of_date

    where
        not scored_days.is_recorded
        or not previous_days.is_recorded

)

select * from explained
