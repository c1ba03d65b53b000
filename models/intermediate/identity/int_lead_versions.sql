{{ config(materialized='view') }}
{%- set columns = lead_value_columns() -%}
with

leads as (

    select * from {{ ref('int_leads') }}

),
{% if history_days() %}
past_versions as (

    select * from {{ ref('int_lead_past_versions') }}

),

former_leads as (

    select * from {{ ref('int_former_leads') }}

),

last_changes as (

    select
        past_versions.person_key,
        max(past_versions.until_date) as changed_date

    from past_versions

    group by past_versions.person_key

),

-- A lead as it is, and before that as it was; who was merged away since only was.
versions as (

    select
        leads.lead_id,
        leads.source_name,
        {{ column_list(columns, 'leads') }},
        leads.lead_key as version_key,
        leads.lead_key as person_key,
        leads.lead_key as current_lead_key,
        last_changes.changed_date as from_date,
        cast(null as date) as until_date

    from leads

    left join last_changes
        on leads.lead_key = last_changes.person_key

    union all

    select
        coalesce(leads.lead_id, former_leads.lead_id) as lead_id,
        coalesce(leads.source_name, former_leads.source_name) as source_name,
        {{ column_list(columns, 'past_versions') }},
        past_versions.version_key,
        past_versions.person_key,
        leads.lead_key as current_lead_key,
        past_versions.from_date,
        past_versions.until_date

    from past_versions

    left join leads
        on past_versions.person_key = leads.lead_key

    left join former_leads
        on past_versions.person_key = former_leads.person_key

)
{% else %}
versions as (

    select
        leads.lead_id,
        leads.source_name,
        {{ column_list(columns, 'leads') }},
        leads.lead_key as version_key,
        leads.lead_key as person_key,
        leads.lead_key as current_lead_key,
        cast(null as date) as from_date,
        cast(null as date) as until_date

    from leads

)
{% endif %}
select * from versions
