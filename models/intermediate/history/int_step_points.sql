with

-- What this build makes of both days; the rest is no matter of single rules.
steps as (

    select * from {{ ref('int_score_steps') }}

    where
        points_after is not null
        and computed_after is not null

),

rules as (

    select * from {{ ref('int_rules') }}

),

rule_points as (

    select * from {{ ref('int_rule_points') }}

),

lead_rule_variants as (

    select * from {{ ref('int_lead_rule_variants') }}

),

merged_leads as (

    select * from {{ ref('int_merged_leads') }}

),

both_days as (

    select
        steps.lead_key,
        rule_points.rule_key,
        cast(0 as decimal(12, 2)) as points_before,
        rule_points.decayed_points as points_after,
        rule_points.known_points

    from steps

    inner join rule_points
        on steps.lead_key = rule_points.lead_key

    inner join rules
        on
            rule_points.rule_key = rules.rule_key
            and steps.score_id = rules.score_id

    union all

    select
        steps.lead_key,
        rule_points.rule_key,
        rule_points.decayed_points as points_before,
        cast(0 as decimal(12, 2)) as points_after,
        cast(0 as decimal(12, 2)) as known_points

    from steps

    inner join {{ ref('int_rule_points') }} as rule_points
        on steps.previous_lead_key = rule_points.lead_key

    inner join rules
        on
            rule_points.rule_key = rules.rule_key
            and steps.score_id = rules.score_id

),

summed as (

    select
        both_days.lead_key,
        both_days.rule_key,
        sum(both_days.points_before) as points_before,
        sum(both_days.points_after) as points_after,
        sum(both_days.known_points) as known_points

    from both_days

    group by
        both_days.lead_key,
        both_days.rule_key

    having
        sum(both_days.points_before) <> sum(both_days.points_after)
        or sum(both_days.points_before) <> sum(both_days.known_points)

),

-- Which of the ways of a rule were open to the lead may change what its events are worth.
other_variants as (

    select
        summed.lead_key,
        summed.rule_key

    from summed

    inner join rules
        on summed.rule_key = rules.rule_key

    inner join steps
        on
            summed.lead_key = steps.lead_key
            and rules.score_id = steps.score_id

    left join lead_rule_variants
        on
            summed.lead_key = lead_rule_variants.lead_key
            and summed.rule_key = lead_rule_variants.rule_key

    left join {{ ref('int_lead_rule_variants') }} as previous_variants
        on
            steps.previous_lead_key = previous_variants.lead_key
            and summed.rule_key = previous_variants.rule_key

    where
        not ({{ is_same_value(
            'lead_rule_variants.alternative_keys', 'previous_variants.alternative_keys'
        ) }})

),

judged as (

    select
        summed.lead_key,
        steps.lead_id,
        steps.score_id,
        case
            when steps.previous_lead_key is null and rules.applies_to = 'event' then 'new_event'
            when steps.previous_lead_key is null then 'attribute'
            when
                rules.valid_from > steps.previous_date or rules.valid_to <= steps.as_of_date
                then 'rule_change'
            when merged_leads.lead_id is not null then 'merge'
            when
                steps.computed_before is null
                or rules.applies_to = 'lead'
                or other_variants.lead_key is not null
                then 'attribute'
            else 'new_event'
        end as cause,
        rules.applies_to,
        summed.points_before,
        summed.points_after,
        summed.known_points,
        steps.computed_before is not null as has_scores_before,
        steps.as_of_date

    from summed

    inner join rules
        on summed.rule_key = rules.rule_key

    inner join steps
        on
            summed.lead_key = steps.lead_key
            and rules.score_id = steps.score_id

    left join merged_leads
        on
            steps.lead_id = merged_leads.lead_id
            and steps.as_of_date = merged_leads.as_of_date

    left join other_variants
        on
            summed.lead_key = other_variants.lead_key
            and summed.rule_key = other_variants.rule_key

),

-- What the events known before are worth now, against what they were worth, is decay or expiry.
split as (

    select
        judged.lead_id,
        judged.score_id,
        judged.cause,
        case
            when
                judged.applies_to = 'event'
                and judged.has_scores_before
                and judged.cause in ('new_event', 'merge')
                then judged.known_points - judged.points_before
            else 0
        end as decay_points,
        judged.points_after - judged.points_before as points,
        judged.as_of_date

    from judged

),

parts as (

    select
        split.lead_id,
        split.score_id,
        split.cause,
        split.points - split.decay_points as points,
        split.as_of_date

    from split

    union all

    select
        split.lead_id,
        split.score_id,
        'decay' as cause,
        split.decay_points as points,
        split.as_of_date

    from split

),

step_points as (

    select
        parts.lead_id,
        parts.score_id,
        parts.cause,
        cast(sum(parts.points) as decimal(12, 2)) as points,
        parts.as_of_date

    from parts

    where parts.points <> 0

    group by
        parts.lead_id,
        parts.score_id,
        parts.cause,
        parts.as_of_date

)

select * from step_points
