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
event_rule_hits as (

    select
        lead_tallies.lead_key,
        event_tallies.rule_key,
        lead_tallies.event_count,
        lead_tallies.factor_sum,
        lead_tallies.last_age_days

    from lead_tallies

    inner join event_tallies
        on lead_tallies.tally_key = event_tallies.tally_key

    where event_tallies.alternative_keys is null

    union all

    select
        lead_tallies.lead_key,
        event_tallies.rule_key,
        lead_tallies.event_count,
        lead_tallies.factor_sum,
        lead_tallies.last_age_days

    from lead_tallies

    inner join event_tallies
        on lead_tallies.tally_key = event_tallies.tally_key

    inner join lead_rule_variants
        on
            lead_tallies.lead_key = lead_rule_variants.lead_key
            and event_tallies.rule_key = lead_rule_variants.rule_key
            and event_tallies.alternative_keys = lead_rule_variants.alternative_keys

),

hits as (

    select
        lead_rule_hits.lead_key,
        lead_rule_hits.rule_key,
        rules.points,
        1 as occurrences,
        cast(1 as decimal(26, 12)) as factor_sum,
        cast(null as date) as last_event_date

    from lead_rule_hits

    inner join rules
        on lead_rule_hits.rule_key = rules.rule_key

    union all

    select
        event_rule_hits.lead_key,
        event_rule_hits.rule_key,
        rules.points,
        least(
            event_rule_hits.event_count, coalesce(rules.counted_limit, event_rule_hits.event_count)
        ) as occurrences,
        event_rule_hits.factor_sum,
        cast({{ dbt.dateadd('day', '-event_rule_hits.last_age_days', as_of_date()) }} as date)
            as last_event_date

    from event_rule_hits

    inner join rules
        on event_rule_hits.rule_key = rules.rule_key

    where event_rule_hits.event_count >= rules.min_count

),

-- Exact decimals throughout; the sum over a rule's events is rounded once, half away from zero.
valued as (

    select
        hits.lead_key,
        hits.rule_key,
        cast(hits.occurrences as bigint) as occurrences,
        cast(hits.points * hits.occurrences as decimal(12, 2)) as undecayed_points,
        case
            when hits.factor_sum is null then cast(hits.points * hits.occurrences as decimal(12, 2))
            else
                cast(
                    round(hits.points * cast(hits.factor_sum as decimal(24, 12)), 2)
                    as decimal(12, 2)
                )
        end as decayed_points,
        hits.last_event_date

    from hits

    inner join scored_leads
        on hits.lead_key = scored_leads.lead_key

    where hits.points <> 0

)

select * from valued
