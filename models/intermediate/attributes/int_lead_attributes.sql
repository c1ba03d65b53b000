{{ config(materialized='view') }}
with

leads as (

    select * from {{ ref('int_leads') }}

),

attributes as (
    {% for field in condition_fields('lead') %}
    select
        leads.lead_key,
        leads.lead_id,
        {{ text_literal(field) }} as field,
        leads.{{ quoted('lead.' ~ field) }} as field_value

    from leads
    {% if not loop.last %}
    union all
    {% endif %}
    {%- else %}
    select
        leads.lead_key,
        leads.lead_id,
        cast(null as {{ dbt.type_string() }}) as field,
        cast(null as {{ dbt.type_string() }}) as field_value

    from leads

    where false
    {%- endfor %}

)

select * from attributes
