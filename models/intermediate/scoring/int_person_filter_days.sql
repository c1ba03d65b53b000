{{ config(materialized='view') }}
with

person_event_days as (

    select * from {{ ref('int_person_event_days') }}

),

person_late_events as (

    select * from {{ ref('int_person_late_events') }}

),

filters as (

    select distinct
        filter_key,
        class_key

    from {{ ref('int_variant_classes') }}

),

filter_classes as (

    select
        filters.filter_key,
        filters.class_key,
        count(*) over (partition by filters.filter_key) as class_count

    from filters

),

-- Most filters are one class, whose days are already in order.
single_class as (

    select
        person_event_days.person_key,
        filter_classes.filter_key,
        person_event_days.event_days

    from person_event_days

    inner join filter_classes
        on person_event_days.class_key = filter_classes.class_key

    where filter_classes.class_count = 1

),

-- Sorted anew from single days, which is cheaper than aggregating lists.
several_classes as (

    select
        person_event_days.person_key,
        filter_classes.filter_key,
        {{ unnest_items('person_event_days.event_days') }} as event_day

    from person_event_days

    inner join filter_classes
        on person_event_days.class_key = filter_classes.class_key

    where filter_classes.class_count > 1

),

on_time as (

    select * from single_class

    union all

    select
        several_classes.person_key,
        several_classes.filter_key,
        {{ collect_sorted('several_classes.event_day') }} as event_days

    from several_classes

    group by
        several_classes.person_key,
        several_classes.filter_key

),

late as (

    select
        person_late_events.person_key,
        filter_classes.filter_key,
        {{ collect_late_events('person_late_events.event_day', 'person_late_events.known_day') }}
            as late_events

    from person_late_events

    inner join filter_classes
        on person_late_events.class_key = filter_classes.class_key

    group by
        person_late_events.person_key,
        filter_classes.filter_key

),

person_filter_days as (

    select
        coalesce(on_time.person_key, late.person_key) as person_key,
        coalesce(on_time.filter_key, late.filter_key) as filter_key,
        on_time.event_days,
        late.late_events

    from on_time

    full outer join late
        on
            on_time.person_key = late.person_key
            and on_time.filter_key = late.filter_key

)

select * from person_filter_days
