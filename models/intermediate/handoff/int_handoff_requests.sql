with

policies as (

    select * from {{ ref('int_handoff_policies') }}

),

rules as (

    select * from {{ ref('int_rules') }}

    where applies_to = 'event'

),

alternatives as (

    select * from {{ ref('int_alternatives') }}

    where owner_type = 'rule'

),

signatures as (

    select * from {{ ref('int_event_signatures') }}

),

signature_alternatives as (

    select * from {{ ref('int_signature_alternatives') }}

),

events as (

    select * from {{ ref('int_lead_events') }}

),

-- Rules that let leads in, at once or before the time; few of all.
named_rules as (

    select distinct
        {{ unnest_items(split_items(
            "coalesce(policies.enter_rules, '') || '|' || coalesce(policies.bypass_rules, '')", '|'
        )) }} as rule_id,
        policies.first_crossing_date

    from policies

),

accepted as (

    select
        rules.rule_id,
        rules.rule_key,
        rules.min_count,
        rules.window_days,
        rules.valid_from,
        rules.valid_to,
        signatures.event_type,
        signatures.signature_hash,
        alternatives.alternative_key,
        alternatives.lead_condition_count,
        signature_alternatives.as_of_date,
        named_rules.first_crossing_date

    from named_rules

    inner join rules
        on named_rules.rule_id = rules.rule_id

    inner join alternatives
        on rules.rule_id = alternatives.owner_id

    inner join signature_alternatives
        on alternatives.alternative_key = signature_alternatives.alternative_key

    inner join signatures
        on
            signature_alternatives.signature_key = signatures.signature_key
            and rules.event_type = signatures.event_type

),

counted as (

    select
        events.event_id,
        events.event_type,
        events.source_name,
        accepted.rule_id,
        events.lead_key,
        accepted.rule_key,
        accepted.alternative_key,
        accepted.lead_condition_count,
        accepted.min_count,
        accepted.window_days,
        accepted.as_of_date as accepted_date,
        accepted.valid_from,
        accepted.valid_to,
        events.event_date,
        greatest(
            events.event_date,
            coalesce(events.joined_date, events.event_date),
            coalesce(events.identified_date, events.event_date)
        ) as known_date,
        events.occurred_at

    from events

    inner join accepted
        on
            events.event_type = accepted.event_type
            and events.signature_hash = accepted.signature_hash

    where
        events.lead_key is not null
        and not events.is_automated
        and events.event_date <= {{ as_of_date() }}
        and events.event_date >= accepted.first_crossing_date

),

-- A rule that asks for several events is met by the last of them.
preceded as (

    select
        counted.rule_key,
        counted.alternative_key,
        counted.lead_key,
        counted.occurred_at,
        count(*) as event_count

    from counted

    inner join counted as earlier
        on
            counted.rule_key = earlier.rule_key
            and counted.alternative_key = earlier.alternative_key
            and counted.lead_key = earlier.lead_key
            and counted.occurred_at >= earlier.occurred_at
            and coalesce(
                {{ dbt.datediff('earlier.event_date', 'counted.event_date', 'day') }}
                < counted.window_days,
                true
            )

    where counted.min_count > 1

    group by
        counted.rule_key,
        counted.alternative_key,
        counted.lead_key,
        counted.occurred_at

),

requests as (

    select
        counted.event_id,
        counted.event_type,
        counted.rule_id,
        counted.lead_key,
        counted.alternative_key,
        counted.lead_condition_count,
        counted.window_days,
        counted.accepted_date,
        counted.valid_from,
        counted.valid_to,
        counted.event_date,
        counted.known_date,
        counted.occurred_at

    from counted

    left join preceded
        on
            counted.rule_key = preceded.rule_key
            and counted.alternative_key = preceded.alternative_key
            and counted.lead_key = preceded.lead_key
            and counted.occurred_at = preceded.occurred_at

    where
        counted.min_count <= 1
        or preceded.event_count >= counted.min_count

)

select * from requests
