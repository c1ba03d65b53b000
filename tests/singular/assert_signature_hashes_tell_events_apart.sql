{{ config(meta={'dagster': {'ref': {'name': 'int_event_signatures'}}}) }}

{%- set differences = ['rule_events.event_type <> signatures.event_type'] -%}
{%- for property in event_property_types() -%}
    {%- set is_same = is_same_value(
        'rule_events.' ~ quoted(property), 'signatures.' ~ quoted(property)
    ) -%}
    {%- do differences.append('not (' ~ is_same ~ ')') -%}
{%- endfor -%}
with

rule_events as (

    select * from {{ ref('int_rule_events') }}

),

signatures as (

    select * from {{ ref('int_event_signatures') }}

),

-- An event whose look differs from the signature of its hash would be scored as another one.
mistaken as (

    select rule_events.signature_hash

    from rule_events

    inner join signatures
        on rule_events.signature_hash = signatures.signature_hash

    where {{ differences | join('\n        or ') }}

)

select * from mistaken
