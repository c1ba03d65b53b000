with

rule_variants as (

    select * from {{ ref('int_rule_variants') }}

),

class_alternatives as (

    select * from {{ ref('int_class_alternatives') }}

),

accepted as (

    select distinct
        rule_variants.variant_key,
        class_alternatives.class_key

    from rule_variants

    inner join class_alternatives
        on rule_variants.alternative_key = class_alternatives.alternative_key

),

class_sets as (

    select
        accepted.variant_key,
        {{ dbt.listagg('accepted.class_key', "','", 'order by accepted.class_key') }} as class_keys

    from accepted

    group by accepted.variant_key

),

-- Rules that count the same events share a filter, so that those events are gathered once.
filters as (

    select
        class_sets.variant_key,
        cast(dense_rank() over (order by class_sets.class_keys) as integer) as filter_key

    from class_sets

),

variant_classes as (

    select
        accepted.variant_key,
        filters.filter_key,
        accepted.class_key

    from accepted

    inner join filters
        on accepted.variant_key = filters.variant_key

)

select * from variant_classes
