with

scoring_rules as (

    select * from {{ ref('scoring_rules') }}

),

scored_days as (

    select * from {{ ref('int_scored_days') }}

),

-- Every period that is in force on a scored day.
in_force as (

    select
        scoring_rules.rule_id,
        scoring_rules.score_id,
        scoring_rules.group_id,
        scoring_rules.applies_to,
        scoring_rules.event_type,
        coalesce(scoring_rules.decay, 'none') as decay,
        scoring_rules.label_en,
        scoring_rules.label_ja,
        scoring_rules.points,
        coalesce(scoring_rules.min_count, 1) as min_count,
        -- Once is the most recent event alone; each is all of them up to max_count.
        case
            when coalesce(scoring_rules.repeat, 'once') = 'once' then 1
            else scoring_rules.max_count
        end as counted_limit,
        scoring_rules.window_days,
        scoring_rules.decay_days,
        scoring_rules.decay_percent,
        cast(
            row_number() over (
                order by scoring_rules.rule_id, scoring_rules.valid_from nulls first
            ) as integer
        ) as rule_key,
        cast(
            dense_rank() over (order by scoring_rules.score_id, scoring_rules.group_id) as integer
        ) as group_key,
        {{ is_in_force('scoring_rules') }} as is_current,
        scoring_rules.valid_from,
        scoring_rules.valid_to

    from scoring_rules

    where exists (
        select 1
        from scored_days
        where {{ is_in_force('scoring_rules', 'scored_days.as_of_date') }}
    )

)

select * from in_force
