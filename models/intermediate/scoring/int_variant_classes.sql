with

rule_variants as (

    select * from {{ ref('int_rule_variants') }}

),

class_alternatives as (

    select * from {{ ref('int_class_alternatives') }}

),

scored_days as (

    select * from {{ ref('int_scored_days') }}

),

accepted as (

    select distinct
        rule_variants.variant_key,
        class_alternatives.class_key,
        class_alternatives.as_of_date

    from rule_variants

    inner join class_alternatives
        on rule_variants.alternative_key = class_alternatives.alternative_key

),

dated_variants as (

    select distinct accepted.variant_key

    from accepted

    where accepted.as_of_date is not null

),

-- Nearly all variants count the same classes on every day; one that does not is told day by day.
spread as (

    select
        accepted.variant_key,
        accepted.class_key,
        accepted.as_of_date

    from accepted

    where
        accepted.as_of_date is not null
        or accepted.variant_key not in (
            select dated_variants.variant_key from dated_variants
        )

    union

    select
        accepted.variant_key,
        accepted.class_key,
        scored_days.as_of_date

    from accepted

    cross join scored_days

    where
        accepted.as_of_date is null
        and accepted.variant_key in (
            select dated_variants.variant_key from dated_variants
        )

),

class_sets as (

    select
        spread.variant_key,
        spread.as_of_date,
        {{ dbt.listagg('spread.class_key', "','", 'order by spread.class_key') }} as class_keys

    from spread

    group by
        spread.variant_key,
        spread.as_of_date

),

-- Rules that count the same events share a filter, so that those events are gathered once.
filters as (

    select
        class_sets.variant_key,
        class_sets.as_of_date,
        cast(dense_rank() over (order by class_sets.class_keys) as integer) as filter_key

    from class_sets

),

variant_classes as (

    select
        spread.variant_key,
        filters.filter_key,
        spread.class_key,
        spread.as_of_date

    from spread

    inner join filters
        on
            spread.variant_key = filters.variant_key
            and {{ is_same_value('spread.as_of_date', 'filters.as_of_date') }}

)

select * from variant_classes
