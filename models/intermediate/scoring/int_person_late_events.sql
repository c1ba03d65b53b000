with

signatures as (

    select * from {{ ref('int_event_signatures') }}

),

event_classes as (

    select * from {{ ref('int_event_classes') }}

),

former_lead_records as (

    select * from {{ ref('int_former_lead_records') }}

),

signature_classes as (

    select
        signatures.signature_hash,
        event_classes.class_key

    from signatures

    inner join event_classes
        on signatures.signature_key = event_classes.signature_key

),

-- The events of a record that was merged away also were those of the lead that it once was.
late as (

    select
        rule_events.person_key,
        rule_events.signature_hash,
        rule_events.event_day,
        rule_events.known_day

    from {{ ref('int_rule_events') }} as rule_events

    where rule_events.known_day is not null

    union all

    select
        former_lead_records.person_key,
        rule_events.signature_hash,
        rule_events.event_day,
        greatest(
            rule_events.event_day,
            rule_events.identified_day,
            {{ day_count('former_lead_records.joined_date') }}
        ) as known_day

    from {{ ref('int_rule_events') }} as rule_events

    inner join former_lead_records
        on rule_events.joined_record_key = former_lead_records.record_key

    where rule_events.joined_record_key is not null

),

person_late_events as (

    select
        late.person_key,
        signature_classes.class_key,
        late.event_day,
        late.known_day

    from late

    inner join signature_classes
        on late.signature_hash = signature_classes.signature_hash

)

select * from person_late_events
