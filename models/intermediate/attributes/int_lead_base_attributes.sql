{{ config(materialized='view') }}
{%- set listed = listed_attributes() -%}
{%- set given = fields_given_by_file() -%}
{%- set has_other_sources = var('sources', ['file']) | reject('eq', 'file') | list | length > 0 -%}
with

leads as (

    select * from {{ ref('int_leads') }}

),

derivations as (

    select * from {{ ref('int_lead_derivations') }}

),

measures as (

    select * from {{ ref('int_lead_measures') }}

),

attributes as (
    {% set fields = [] -%}
    {%- for field in condition_fields('lead') if field != 'motion' or field in given -%}
        {%- do fields.append(field) -%}
    {%- endfor -%}
    {%- for field in fields %}
    {%- set is_computed = field in listed and field in derived_fields() + measured_fields() -%}
    {%- set computed = 'measures' if field in measured_fields() else 'derivations' -%}
    {%- if is_computed and field in given and has_other_sources %}
    select
        leads.lead_key,
        leads.lead_id,
        {{ text_literal(field) }} as field,
        case
            when leads.source_name = 'file' then leads.{{ quoted('lead.' ~ field) }}
            else cast({{ computed }}.{{ field }} as {{ dbt.type_string() }})
        end as field_value

    from leads

    inner join {{ computed }}
        on leads.lead_key = {{ computed }}.lead_key
    {%- elif is_computed and field not in given %}
    select
        {{ computed }}.lead_key,
        {{ computed }}.lead_id,
        {{ text_literal(field) }} as field,
        cast({{ computed }}.{{ field }} as {{ dbt.type_string() }}) as field_value

    from {{ computed }}
    {%- elif field in refined_fields() or field.startswith('company.') %}
    select
        derivations.lead_key,
        derivations.lead_id,
        {{ text_literal(field) }} as field,
        derivations.{{ quoted(field) }} as field_value

    from derivations
    {%- else %}
    select
        leads.lead_key,
        leads.lead_id,
        {{ text_literal(field) }} as field,
        leads.{{ quoted('lead.' ~ field) }} as field_value

    from leads
    {%- endif %}
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

    inner join derivations
        on leads.lead_key = derivations.lead_key

    inner join measures
        on leads.lead_key = measures.lead_key

    where false
    {%- endfor %}

)

select * from attributes
