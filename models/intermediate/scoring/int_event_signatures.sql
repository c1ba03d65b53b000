{%- set columns = ['event_type'] -%}
{%- for property in event_property_types() -%}
    {%- do columns.append(quoted(property)) -%}
{%- endfor -%}
with

rule_events as (

    select * from {{ ref('int_rule_events') }}

),

-- Events that look the same to every rule share a signature.
distinct_signatures as (

    select distinct
        {%- for column in columns %}
        rule_events.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}

    from rule_events

),

keyed as (

    select
        {%- for column in columns %}
        distinct_signatures.{{ column }},
        {%- endfor %}
        cast(
            row_number() over (
                order by
                    {%- for column in columns %}
                    distinct_signatures.{{ column }}{{ ' nulls first,' if not loop.last else ' nulls first' }}
                    {%- endfor %}
            ) as integer
        ) as signature_key

    from distinct_signatures

)

select * from keyed
