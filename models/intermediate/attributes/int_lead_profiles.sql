{%- set knows_relation = 'company_relation' in condition_fields('lead') -%}
with

leads as (

    select * from {{ ref('int_lead_versions') }}

),

lead_companies as (

    select * from {{ ref('int_lead_version_companies') }}

),

companies as (

    select * from {{ ref('int_companies') }}

),

-- The one place where the record of the company joins what the lead's own record says: the source's
-- record of the company speaks first, then the lead, then what others say of the same company.
profiles as (

    select
        leads.version_key,
        leads.lead_id,
        coalesce(
            companies.recorded_company_name, leads.company_name, companies.company_name
        ) as company_name,
        coalesce(
            companies.company_relation,
            {{ first_known(['lead.company_relation'] if knows_relation else [], 'leads') }}
        ) as company_relation,
        coalesce(
            companies.recorded_country, leads.country, companies.country
        ) as country,
        leads.department,
        leads.email,
        coalesce(
            companies.recorded_employee_count, leads.employee_count, companies.employee_count
        ) as employee_count,
        coalesce(
            companies.recorded_industry, leads.industry, companies.industry
        ) as industry,
        leads.job_title,
        {%- for field in company_fields() %}
        companies.{{ quoted(field) }},
        {%- endfor %}
        coalesce(
            companies.recorded_prefecture, leads.prefecture, companies.prefecture
        ) as prefecture

    from leads

    left join lead_companies
        on leads.version_key = lead_companies.version_key

    left join companies
        on lead_companies.company_key = companies.company_key

)

select * from profiles
