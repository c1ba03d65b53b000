{%- set is_hubspot = 'hubspot' in enabled_sources() -%}
with

companies as (

    select * from {{ ref('dim_companies') }}

),

-- Where HubSpot is the second source, its ids carry its name. A company that leads alone imply has
-- no record there.
named as (

    select
        companies.company_id as sync_key,
        case
            when companies.source_name <> 'hubspot' then null
            when {{ position_of("':'", 'companies.company_id') }} = 0 then companies.company_id
            when {{ position_of("'hubspot:'", 'companies.company_id') }} = 1
                then replace(companies.company_id, 'hubspot:', '')
        end as record_id,
        companies.company_id,
        companies.owner_id,
        companies.company_name,
        companies.domain,
        companies.company_relation,
        companies.best_grade,
        companies.lead_count,
        companies.scored_lead_count,
        companies.hot_lead_count,
        companies.highest_fit_score,
        companies.highest_engagement_score,
        companies.total_engagement_score

    from companies

),

exported as (

    select * from named
    {% if is_hubspot %}
    where record_id is not null
    {%- endif %}

)

select * from exported
