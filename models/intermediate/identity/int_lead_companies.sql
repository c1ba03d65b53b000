with

lead_evidence as (

    select * from {{ ref('int_company_lead_evidence') }}

),

records as (

    select * from {{ ref('int_company_records') }}

),

identities as (

    select * from {{ ref('int_company_identities') }}

),

companies as (

    select * from {{ ref('int_companies') }}

),

lead_records as (

    select
        lead_evidence.lead_key,
        records.record_key

    from lead_evidence

    inner join records
        on
            lead_evidence.source_name = records.source_name
            and coalesce(lead_evidence.associated_record_id, lead_evidence.unlisted_company_id)
            = records.record_id

    where not records.is_implied

    union all

    select
        lead_evidence.lead_key,
        records.record_key

    from lead_evidence

    inner join records
        on lead_evidence.implied_record_id = records.record_id

    where
        records.is_implied
        and lead_evidence.unlisted_company_id is null

),

lead_companies as (

    select
        identities.evidence,
        lead_records.lead_key,
        companies.company_key

    from lead_records

    inner join identities
        on lead_records.record_key = identities.record_key

    inner join companies
        on identities.group_key = companies.group_key

)

select * from lead_companies
