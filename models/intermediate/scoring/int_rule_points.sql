with

rules as (

    select * from {{ ref('int_rules') }}

),

alternatives as (

    select * from {{ ref('int_alternatives') }}

),

lead_alternatives as (

    select * from {{ ref('int_lead_alternatives') }}

),

event_tallies as (

    select * from {{ ref('int_event_tallies') }}

),

lead_rule_variants as (

    select * from {{ ref('int_lead_rule_variants') }}

),

lead_tallies as (

    select * from {{ ref('int_lead_tallies') }}

),

scored_leads as (

    select * from {{ ref('int_scored_leads') }}

),

-- Rules on the lead: once, if any alternative holds.
lead_rule_alternatives as (

    select
        rules.rule_key,
        alternatives.alternative_key,
        alternatives.lead_condition_count,
        count(*) over (partition by rules.rule_key) as alternative_count

    from rules

    inner join alternatives
        on
            alternatives.owner_type = 'rule'
            and rules.rule_id = alternatives.owner_id

    where rules.applies_to = 'lead'

),

lead_rule_hits as (

    select
        lead_alternatives.lead_key,
        lead_rule_alternatives.rule_key

    from lead_alternatives

    inner join lead_rule_alternatives
        on lead_alternatives.alternative_key = lead_rule_alternatives.alternative_key

    where lead_rule_alternatives.alternative_count = 1

    union all

    select distinct
        lead_alternatives.lead_key,
        lead_rule_alternatives.rule_key

    from lead_alternatives

    inner join lead_rule_alternatives
        on lead_alternatives.alternative_key = lead_rule_alternatives.alternative_key

    where lead_rule_alternatives.alternative_count > 1

    union all

    select
        scored_leads.lead_key,
        lead_rule_alternatives.rule_key

    from scored_leads

    cross join lead_rule_alternatives

    where lead_rule_alternatives.lead_condition_count = 0

),

-- Rules on events: the tally of the variant that is open to the lead.
event_rule_tallies as (

    select
        lead_tallies.*,
        event_tallies.rule_key,
        event_tallies.alternative_keys

    from lead_tallies

    inner join event_tallies
        on
            lead_tallies.tally_key = event_tallies.tally_key
            and {{ is_in_force('event_tallies', 'lead_tallies.as_of_date') }}

    where event_tallies.alternative_keys is null

    union all

    select
        lead_tallies.*,
        event_tallies.rule_key,
        event_tallies.alternative_keys

    from lead_tallies

    inner join event_tallies
        on
            lead_tallies.tally_key = event_tallies.tally_key
            and {{ is_in_force('event_tallies', 'lead_tallies.as_of_date') }}

    inner join lead_rule_variants
        on
            lead_tallies.lead_key = lead_rule_variants.lead_key
            and event_tallies.rule_key = lead_rule_variants.rule_key
            and event_tallies.alternative_keys = lead_rule_variants.alternative_keys

),

-- Exact decimals throughout; the sum over a rule's events is rounded once, half away from zero.
event_rule_points as (

    select
        event_rule_tallies.lead_key,
        event_rule_tallies.rule_key,
        event_rule_tallies.alternative_keys,
        cast(
            least(
                event_rule_tallies.event_count,
                coalesce(rules.counted_limit, event_rule_tallies.event_count)
            ) as bigint
        ) as occurrences,
        {{ event_points('event_rule_tallies.event_count') }} as undecayed_points,
        {{ event_points('event_rule_tallies.event_count', 'event_rule_tallies.factor_sum') }}
            as decayed_points,
        -- Without what became known since the previous day; too few events give nothing.
        case
            when event_rule_tallies.known_count is null
                then {{ event_points(
                    'event_rule_tallies.event_count', 'event_rule_tallies.factor_sum'
                ) }}
            when event_rule_tallies.known_count < rules.min_count
                then cast(0 as decimal(12, 2))
            else {{ event_points(
                'event_rule_tallies.known_count', 'event_rule_tallies.known_factor_sum'
            ) }}
        end as known_points,
        event_rule_tallies.is_current,
        {{ date_of_day_count('event_rule_tallies.last_event_day') }} as last_event_date

    from event_rule_tallies

    inner join rules
        on event_rule_tallies.rule_key = rules.rule_key

    where
        event_rule_tallies.event_count >= rules.min_count
        and rules.points <> 0

),

rule_points as (

    select
        lead_rule_hits.lead_key,
        lead_rule_hits.rule_key,
        cast(null as {{ dbt.type_string() }}) as alternative_keys,
        cast(1 as bigint) as occurrences,
        cast(rules.points as decimal(12, 2)) as undecayed_points,
        cast(rules.points as decimal(12, 2)) as decayed_points,
        cast(rules.points as decimal(12, 2)) as known_points,
        scored_leads.is_current,
        cast(null as date) as last_event_date

    from lead_rule_hits

    inner join rules
        on lead_rule_hits.rule_key = rules.rule_key

    inner join scored_leads
        on
            lead_rule_hits.lead_key = scored_leads.lead_key
            and {{ is_in_force('rules', 'scored_leads.as_of_date') }}

    where rules.points <> 0

    union all

    select
        event_rule_points.lead_key,
        event_rule_points.rule_key,
        event_rule_points.alternative_keys,
        event_rule_points.occurrences,
        event_rule_points.undecayed_points,
        event_rule_points.decayed_points,
        event_rule_points.known_points,
        event_rule_points.is_current,
        event_rule_points.last_event_date

    from event_rule_points

)

select * from rule_points
