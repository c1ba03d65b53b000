with

rule_events as (

    select * from {{ ref('int_rule_events') }}

    where known_day is null

),

signatures as (

    select * from {{ ref('int_event_signatures') }}

),

event_classes as (

    select * from {{ ref('int_event_classes') }}

),

signature_classes as (

    select
        signatures.signature_hash,
        event_classes.class_key

    from signatures

    inner join event_classes
        on signatures.signature_key = event_classes.signature_key

),

-- Person and class in one number: a key of one column halves the cost of the largest grouping.
classed as (

    select
        cast(rule_events.person_key as bigint) * 1048576 + signature_classes.class_key
            as person_class_key,
        rule_events.event_day

    from rule_events

    inner join signature_classes
        on rule_events.signature_hash = signature_classes.signature_hash

),

gathered as (

    select
        classed.person_class_key,
        {{ collect_sorted('classed.event_day') }} as event_days

    from classed

    group by classed.person_class_key

),

person_event_days as (

    select
        cast(floor(gathered.person_class_key / 1048576) as integer) as person_key,
        cast(gathered.person_class_key % 1048576 as integer) as class_key,
        gathered.event_days

    from gathered

)

select * from person_event_days
