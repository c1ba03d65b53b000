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

leads as (

    select * from {{ ref('int_lead_days') }}

),

event_alternatives as (

    select
        rules.rule_key,
        alternatives.alternative_key,
        alternatives.lead_condition_count,
        max(alternatives.lead_condition_count) over (partition by rules.rule_key)
            as most_lead_conditions

    from rules

    inner join alternatives
        on
            alternatives.owner_type = 'rule'
            and rules.rule_id = alternatives.owner_id

    where rules.applies_to = 'event'

),

-- Only event rules that also look at the lead need to know which of their alternatives are open.
open_alternatives as (

    select
        lead_alternatives.lead_key,
        event_alternatives.rule_key,
        event_alternatives.alternative_key

    from event_alternatives

    inner join lead_alternatives
        on event_alternatives.alternative_key = lead_alternatives.alternative_key

    where event_alternatives.lead_condition_count > 0

    union all

    select
        leads.lead_key,
        event_alternatives.rule_key,
        event_alternatives.alternative_key

    from event_alternatives

    cross join leads

    where
        event_alternatives.lead_condition_count = 0
        and event_alternatives.most_lead_conditions > 0

),

variants as (

    select
        open_alternatives.lead_key,
        open_alternatives.rule_key,
        {{ dbt.listagg(
            'open_alternatives.alternative_key', "','", 'order by open_alternatives.alternative_key'
        ) }} as alternative_keys

    from open_alternatives

    group by
        open_alternatives.lead_key,
        open_alternatives.rule_key

)

select * from variants
