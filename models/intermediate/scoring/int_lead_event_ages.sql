with

rule_events as (

    select * from {{ ref('int_rule_events') }}

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

-- Lead and class in one number: a key of one column halves the cost of the largest grouping.
classed as (

    select
        cast(rule_events.lead_key as bigint) * 1048576 + signature_classes.class_key
            as lead_class_key,
        rule_events.age_days

    from rule_events

    inner join signature_classes
        on rule_events.signature_hash = signature_classes.signature_hash

),

gathered as (

    select
        classed.lead_class_key,
        {{ collect_sorted('cast(classed.age_days as integer)') }} as ages

    from classed

    group by classed.lead_class_key

),

lead_event_ages as (

    select
        cast(floor(gathered.lead_class_key / 1048576) as integer) as lead_key,
        cast(gathered.lead_class_key % 1048576 as integer) as class_key,
        gathered.ages

    from gathered

)

select * from lead_event_ages
