with

scoring_rules as (

    select * from {{ ref('scoring_rules') }}

),

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
        cast(row_number() over (order by scoring_rules.rule_id) as integer) as rule_key,
        cast(
            dense_rank() over (order by scoring_rules.score_id, scoring_rules.group_id) as integer
        ) as group_key

    from scoring_rules

    where {{ is_in_force('scoring_rules') }}

)

select * from in_force
