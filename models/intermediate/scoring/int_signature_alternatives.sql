with

signatures as (

    select * from {{ ref('int_event_signatures') }}

),

signature_values as (

    select * from {{ ref('int_event_signature_values') }}

),

rules as (

    select * from {{ ref('int_rules') }}

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
        alternative_matches.match_count

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
        alternative_matches.match_count

    from signature_values

    inner join alternative_matches
        on signature_values.field = alternative_matches.field

    where
        (alternative_matches.met_by = 'any_value' and signature_values.field_value is not null)
        or (alternative_matches.met_by = 'no_value' and signature_values.field_value is null)

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

-- An alternative holds for an event if all its conditions on events do; those on the lead come
-- later.
held as (

    select
        signatures.signature_key,
        alternatives.alternative_key

    from signatures

    inner join rules
        on
            signatures.event_type = rules.event_type
            and rules.applies_to = 'event'

    inner join alternatives
        on
            alternatives.owner_type = 'rule'
            and rules.rule_id = alternatives.owner_id

    left join counted
        on
            signatures.signature_key = counted.signature_key
            and alternatives.alternative_key = counted.alternative_key

    where coalesce(counted.match_count, 0) = alternatives.event_condition_count

)

select * from held
