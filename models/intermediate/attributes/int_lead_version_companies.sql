{{ config(materialized='view') }}
with

lead_companies as (

    select * from {{ ref('int_lead_companies') }}

),
{% if history_days() %}
versions as (

    select * from {{ ref('int_lead_versions') }}

),

former_leads as (

    select * from {{ ref('int_former_leads') }}

),

record_companies as (

    select * from {{ ref('int_record_companies') }}

),

-- Companies are as known on D. Who was merged away since had the company that its own record names,
-- else that of the lead it became.
version_companies as (

    select
        versions.version_key,
        coalesce(record_companies.company_key, lead_companies.company_key) as company_key

    from versions

    left join former_leads
        on versions.person_key = former_leads.person_key

    left join record_companies
        on
            versions.current_lead_key is null
            and versions.source_name = record_companies.source_name
            and versions.company_id = record_companies.company_id

    left join lead_companies
        on
            coalesce(versions.current_lead_key, former_leads.surviving_person_key)
            = lead_companies.lead_key

    where coalesce(record_companies.company_key, lead_companies.company_key) is not null

)
{% else %}
version_companies as (

    select
        lead_companies.lead_key as version_key,
        lead_companies.company_key

    from lead_companies

)
{% endif %}
select * from version_companies
