{{ config(materialized='view') }}
{%- set columns = lead_value_columns() -%}
{#- What one day alone needs; while dbt parses there are past days. -#}
{%- do ref('int_leads') -%}
with
{% if history_days() %}
day_versions as (

    select * from {{ ref('int_lead_day_versions') }}

),

versions as (

    select * from {{ ref('int_lead_versions') }}

),

lead_days as (

    select
        versions.lead_id,
        versions.source_name,
        {{ column_list(columns, 'versions') }},
        day_versions.lead_key,
        day_versions.person_key,
        day_versions.current_lead_key,
        day_versions.version_key,
        day_versions.previous_lead_key,
        day_versions.is_current,
        day_versions.as_of_date

    from day_versions

    inner join versions
        on day_versions.version_key = versions.version_key

)
{% else %}
leads as (

    select * from {{ ref('int_leads') }}

),

lead_days as (

    select
        leads.lead_id,
        leads.source_name,
        {{ column_list(columns, 'leads') }},
        leads.lead_key,
        leads.lead_key as person_key,
        leads.lead_key as current_lead_key,
        leads.lead_key as version_key,
        cast(null as integer) as previous_lead_key,
        true as is_current,
        {{ as_of_date() }} as as_of_date

    from leads

)
{% endif %}
select * from lead_days
