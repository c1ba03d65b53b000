{{ config(materialized='view') }}
{%- set listed = listed_attributes() -%}
{%- set given = fields_given_by_file() -%}
{%- set has_other_sources = enabled_sources() | reject('eq', 'file') | list | length > 0 -%}
{#- Fields by what they change with: with the day, or only with what is known of the lead. -#}
{%- set day_fields = [] -%}
{%- set version_fields = [] -%}
{%- for field in condition_fields('lead', owner='scoring')
    if field != 'motion' or field in given -%}
    {%- set is_given_to_all = field in given and not has_other_sources -%}
    {%- if field in listed and field in measured_fields() and not is_given_to_all -%}
        {%- do day_fields.append(field) -%}
    {%- else -%}
        {%- do version_fields.append(field) -%}
    {%- endif -%}
{%- endfor -%}
-- What no condition asks for is not read.
with

leads as (  -- noqa: ST03

    select * from {{ ref('int_lead_days') }}

),

versions as (

    select * from {{ ref('int_lead_versions') }}

),

lead_day_versions as (  -- noqa: ST03

    select * from {{ ref('int_lead_day_versions') }}

),

derivations as (  -- noqa: ST03

    select * from {{ ref('int_lead_derivations') }}

),

measures as (  -- noqa: ST03

    select * from {{ ref('int_lead_measures') }}

),

version_attributes as (
    {% for field in version_fields %}
    {%- set is_derived = field in listed and field in derived_fields() %}
    {%- if is_derived and field in given and has_other_sources %}
    select
        versions.version_key,
        versions.lead_id,
        {{ text_literal(field) }} as field,
        case
            when versions.source_name = 'file' then versions.{{ quoted('lead.' ~ field) }}
            else cast(derivations.{{ field }} as {{ dbt.type_string() }})
        end as field_value

    from versions

    inner join derivations
        on versions.version_key = derivations.version_key
    {%- elif is_derived and field not in given %}
    select
        derivations.version_key,
        derivations.lead_id,
        {{ text_literal(field) }} as field,
        cast(derivations.{{ field }} as {{ dbt.type_string() }}) as field_value

    from derivations
    {%- elif field in refined_fields() or field.startswith('company.') %}
    select
        derivations.version_key,
        derivations.lead_id,
        {{ text_literal(field) }} as field,
        derivations.{{ quoted(field) }} as field_value

    from derivations
    {%- else %}
    select
        versions.version_key,
        versions.lead_id,
        {{ text_literal(field) }} as field,
        versions.{{ quoted('lead.' ~ field) }} as field_value

    from versions
    {%- endif %}
    {% if not loop.last %}
    union all
    {% endif %}
    {%- else %}
    select
        versions.version_key,
        versions.lead_id,
        cast(null as {{ dbt.type_string() }}) as field,
        cast(null as {{ dbt.type_string() }}) as field_value

    from versions

    where false
    {%- endfor %}

),

-- What is known of a lead is looked up once for all its days, what is measured on each of them.
attributes as (

    select
        {{ 'lead_day_versions.lead_key' if history_days() else
            'version_attributes.version_key as lead_key' }},
        version_attributes.lead_id,
        version_attributes.field,
        version_attributes.field_value

    from version_attributes
    {%- if history_days() %}

    inner join lead_day_versions
        on version_attributes.version_key = lead_day_versions.version_key
    {%- endif %}
    {%- for field in day_fields %}

    union all
    {% if field in given %}
    select
        leads.lead_key,
        leads.lead_id,
        {{ text_literal(field) }} as field,
        case
            when leads.source_name = 'file' then leads.{{ quoted('lead.' ~ field) }}
            else cast(measures.{{ field }} as {{ dbt.type_string() }})
        end as field_value

    from leads

    inner join measures
        on leads.lead_key = measures.lead_key
    {%- else %}
    select
        measures.lead_key,
        measures.lead_id,
        {{ text_literal(field) }} as field,
        cast(measures.{{ field }} as {{ dbt.type_string() }}) as field_value

    from measures
    {%- endif %}
    {%- endfor %}

)

select * from attributes
