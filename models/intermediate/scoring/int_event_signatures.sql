{%- set columns = ['event_type'] -%}
{%- for property in event_property_types() -%}
    {%- do columns.append(quoted(property)) -%}
{%- endfor -%}
with

rule_events as (

    select * from {{ ref('int_rule_events') }}

),

-- Events that look the same to every rule share a signature. Grouping by its hash alone spares
-- comparing texts event by event.
distinct_signatures as (

    select
        {%- for column in columns %}
        any_value(rule_events.{{ column }}) as {{ column }},
        {%- endfor %}
        rule_events.signature_hash

    from rule_events

    group by rule_events.signature_hash

),

keyed as (

    select
        {{ column_list(columns, 'distinct_signatures') }},
        distinct_signatures.signature_hash,
        cast(
            row_number() over (
                order by
                    {{ column_list(columns, 'distinct_signatures', 'nulls first') }}
            ) as integer
        ) as signature_key

    from distinct_signatures

)

select * from keyed
