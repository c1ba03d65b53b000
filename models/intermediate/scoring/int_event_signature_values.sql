{{ config(materialized='view') }}
with

signatures as (

    select * from {{ ref('int_event_signatures') }}

),

signature_values as (
    {% for property in event_property_types() %}
    select
        signatures.signature_key,
        {{ text_literal(property) }} as field,
        signatures.{{ quoted(property) }} as field_value

    from signatures
    {% if not loop.last %}
    union all
    {% endif %}
    {%- else %}
    select
        signatures.signature_key,
        cast(null as {{ dbt.type_string() }}) as field,
        cast(null as {{ dbt.type_string() }}) as field_value

    from signatures

    where false
    {%- endfor %}

)

select * from signature_values
