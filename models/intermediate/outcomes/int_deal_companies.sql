with

deals as (

    select * from {{ ref('int_deals') }}

),

record_companies as (

    select * from {{ ref('int_record_companies') }}

),

company_records as (

    select * from {{ ref('int_company_source_records') }}

),

leads as (

    select * from {{ ref('int_leads') }}

),

lead_companies as (

    select * from {{ ref('int_lead_companies') }}

),

-- A source that lists no companies may still number those of its leads.
numbered_companies as (

    select
        leads.source_name,
        leads.company_id,
        min(lead_companies.company_key) as company_key

    from leads

    inner join lead_companies
        on leads.lead_key = lead_companies.lead_key

    where leads.company_id is not null

    group by
        leads.source_name,
        leads.company_id

    having count(distinct lead_companies.company_key) = 1

),

company_names as (

    select
        leads.source_name,
        {{ fold_text('leads.company_name') }} as folded_name,
        lead_companies.company_key

    from leads

    inner join lead_companies
        on leads.lead_key = lead_companies.lead_key

    union

    select
        company_records.source_name,
        {{ fold_text('company_records.company_name') }} as folded_name,
        record_companies.company_key

    from company_records

    inner join record_companies
        on
            company_records.source_name = record_companies.source_name
            and company_records.record_id = record_companies.company_id

),

-- A name that two companies of a source bear is neither's.
named_companies as (

    select
        company_names.source_name,
        company_names.folded_name,
        min(company_names.company_key) as company_key

    from company_names

    group by
        company_names.source_name,
        company_names.folded_name

    having count(distinct company_names.company_key) = 1

),

found as (

    select
        deals.deal_key,
        case
            when deals.company_id is null then named_companies.company_key
            else coalesce(record_companies.company_key, numbered_companies.company_key)
        end as company_key

    from deals

    left join record_companies
        on
            deals.source_name = record_companies.source_name
            and deals.company_id = record_companies.company_id

    left join numbered_companies
        on
            deals.source_name = numbered_companies.source_name
            and deals.company_id = numbered_companies.company_id

    left join named_companies
        on
            deals.source_name = named_companies.source_name
            and {{ fold_text('deals.company_name') }} = named_companies.folded_name

),

deal_companies as (

    select
        found.deal_key,
        found.company_key

    from found

    where found.company_key is not null

)

select * from deal_companies
