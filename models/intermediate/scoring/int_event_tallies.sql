with

rules as (

    select * from {{ ref('int_rules') }}

),

rule_variants as (

    select distinct
        rule_key,
        variant_key,
        alternative_keys

    from {{ ref('int_rule_variants') }}

),

variant_filters as (

    select distinct
        variant_key,
        filter_key,
        as_of_date

    from {{ ref('int_variant_classes') }}

),

-- What has to be counted, apart from the points: a changed weight counts nothing anew.
tallied as (

    select
        rules.rule_key,
        rule_variants.alternative_keys,
        rules.decay,
        variant_filters.filter_key,
        rules.window_days,
        case when rules.decay <> 'none' then rules.counted_limit end as factor_limit,
        rules.decay_days,
        rules.decay_percent,
        coalesce(variant_filters.as_of_date, rules.valid_from) as valid_from,
        case
            when variant_filters.as_of_date is null then rules.valid_to
            else cast({{ dbt.dateadd('day', 1, 'variant_filters.as_of_date') }} as date)
        end as valid_to

    from rules

    inner join rule_variants
        on rules.rule_key = rule_variants.rule_key

    inner join variant_filters
        on rule_variants.variant_key = variant_filters.variant_key

    where
        variant_filters.as_of_date is null
        or {{ is_in_force('rules', 'variant_filters.as_of_date') }}

),

keyed as (

    select
        tallied.rule_key,
        tallied.alternative_keys,
        tallied.decay,
        tallied.filter_key,
        tallied.window_days,
        tallied.factor_limit,
        tallied.decay_days,
        tallied.decay_percent,
        cast(
            dense_rank() over (
                order by
                    tallied.filter_key,
                    tallied.decay,
                    tallied.window_days nulls first,
                    tallied.factor_limit nulls first,
                    tallied.decay_days nulls first,
                    tallied.decay_percent nulls first
            ) as integer
        ) as tally_key,
        tallied.valid_from,
        tallied.valid_to

    from tallied

)

select * from keyed
