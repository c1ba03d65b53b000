with

signatures as (

    select * from {{ ref('int_event_signatures') }}

),

signature_values as (

    select * from {{ ref('int_event_signature_values') }}

),

rules as (

    select distinct
        rule_id,
        event_type

    from {{ ref('int_rules') }}

    where applies_to = 'event'

),

scored_days as (

    select * from {{ ref('int_scored_days') }}

),

alternatives as (

    select * from {{ ref('int_alternatives') }}

),

alternative_matches as (

    select * from {{ ref('int_alternative_matches') }}

    where is_on_event

),

matched as (

    select
        signature_values.signature_key,
        alternative_matches.alternative_key,
        alternative_matches.match_count,
        alternative_matches.valid_from_date,
        alternative_matches.valid_to_date

    from signature_values

    inner join alternative_matches
        on
            signature_values.field = alternative_matches.field
            and signature_values.field_value = alternative_matches.field_value

    where alternative_matches.met_by = 'value'

    union all

    select
        signature_values.signature_key,
        alternative_matches.alternative_key,
        alternative_matches.match_count,
        alternative_matches.valid_from_date,
        alternative_matches.valid_to_date

    from signature_values

    inner join alternative_matches
        on signature_values.field = alternative_matches.field

    where
        (alternative_matches.met_by = 'any_value' and signature_values.field_value is not null)
        or (alternative_matches.met_by = 'no_value' and signature_values.field_value is null)

),

dated_alternatives as (

    select distinct alternative_key

    from alternative_matches

    where
        valid_from_date is not null
        or valid_to_date is not null

),

candidates as (

    select
        signatures.signature_key,
        alternatives.alternative_key,
        alternatives.event_condition_count,
        dated_alternatives.alternative_key is not null as is_dated

    from signatures

    inner join rules
        on signatures.event_type = rules.event_type

    inner join alternatives
        on
            alternatives.owner_type = 'rule'
            and rules.rule_id = alternatives.owner_id

    left join dated_alternatives
        on alternatives.alternative_key = dated_alternatives.alternative_key

),

counted as (

    select
        matched.signature_key,
        matched.alternative_key,
        sum(matched.match_count) as match_count

    from matched

    group by
        matched.signature_key,
        matched.alternative_key

),

counted_by_day as (

    select
        matched.signature_key,
        matched.alternative_key,
        scored_days.as_of_date,
        sum(matched.match_count) as match_count

    from candidates

    inner join matched
        on
            candidates.signature_key = matched.signature_key
            and candidates.alternative_key = matched.alternative_key

    inner join scored_days
        on {{ holds_on('matched', 'scored_days.as_of_date') }}

    where candidates.is_dated

    group by
        matched.signature_key,
        matched.alternative_key,
        scored_days.as_of_date

),

-- An alternative holds for an event if all its conditions on events do; those on the lead come
-- later. One that looks at how long ago a day is holds on some of the scored days only.
held as (

    select
        candidates.signature_key,
        candidates.alternative_key,
        cast(null as date) as as_of_date

    from candidates

    left join counted
        on
            candidates.signature_key = counted.signature_key
            and candidates.alternative_key = counted.alternative_key

    where
        not candidates.is_dated
        and coalesce(counted.match_count, 0) = candidates.event_condition_count

    union all

    select
        candidates.signature_key,
        candidates.alternative_key,
        counted_by_day.as_of_date

    from candidates

    inner join counted_by_day
        on
            candidates.signature_key = counted_by_day.signature_key
            and candidates.alternative_key = counted_by_day.alternative_key

    where counted_by_day.match_count = candidates.event_condition_count

)

select * from held
