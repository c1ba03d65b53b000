with

rules as (

    select * from {{ ref('int_rules') }}

),

alternatives as (

    select * from {{ ref('int_alternatives') }}

),

lead_rule_variants as (

    select * from {{ ref('int_lead_rule_variants') }}

),

rule_alternatives as (

    select
        rules.rule_key,
        alternatives.alternative_key,
        sum(alternatives.lead_condition_count) over (partition by rules.rule_key)
            as lead_condition_count

    from rules

    inner join alternatives
        on
            alternatives.owner_type = 'rule'
            and rules.rule_id = alternatives.owner_id

    where rules.applies_to = 'event'

),

found as (

    select distinct
        lead_rule_variants.rule_key,
        lead_rule_variants.alternative_keys

    from lead_rule_variants

),

-- A rule whose conditions look at events alone is the same for everybody: a variant without a name.
variant_alternatives as (

    select
        rule_alternatives.rule_key,
        cast(null as {{ dbt.type_string() }}) as alternative_keys,
        rule_alternatives.alternative_key

    from rule_alternatives

    where rule_alternatives.lead_condition_count = 0

    union all

    select
        found.rule_key,
        found.alternative_keys,
        rule_alternatives.alternative_key

    from found

    inner join rule_alternatives
        on found.rule_key = rule_alternatives.rule_key

    where
        {{ position_of(
            "',' || rule_alternatives.alternative_key || ','",
            "',' || found.alternative_keys || ','"
        ) }} > 0

),

keyed as (

    select
        variant_alternatives.rule_key,
        variant_alternatives.alternative_keys,
        variant_alternatives.alternative_key,
        cast(
            dense_rank() over (
                order by
                    variant_alternatives.rule_key,
                    variant_alternatives.alternative_keys nulls first
            ) as integer
        ) as variant_key

    from variant_alternatives

)

select * from keyed
