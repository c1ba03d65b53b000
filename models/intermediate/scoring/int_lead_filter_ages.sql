{{ config(materialized='view') }}
with

lead_event_ages as (

    select * from {{ ref('int_lead_event_ages') }}

),

filter_classes as (

    select distinct
        filter_key,
        class_key,
        count(*) over (partition by variant_key) as class_count

    from {{ ref('int_variant_classes') }}

),

-- Most filters are one class, whose ages are already in order.
single_class as (

    select
        lead_event_ages.lead_key,
        filter_classes.filter_key,
        lead_event_ages.ages

    from lead_event_ages

    inner join filter_classes
        on lead_event_ages.class_key = filter_classes.class_key

    where filter_classes.class_count = 1

),

-- Sorted anew from single ages, which is cheaper than aggregating lists.
several_classes as (

    select
        lead_event_ages.lead_key,
        filter_classes.filter_key,
        {{ unnest_items('lead_event_ages.ages') }} as age_days

    from lead_event_ages

    inner join filter_classes
        on lead_event_ages.class_key = filter_classes.class_key

    where filter_classes.class_count > 1

),

merged as (

    select
        several_classes.lead_key,
        several_classes.filter_key,
        {{ collect_sorted('several_classes.age_days') }} as ages

    from several_classes

    group by
        several_classes.lead_key,
        several_classes.filter_key

),

lead_filter_ages as (

    select * from single_class

    union all

    select * from merged

)

select * from lead_filter_ages
