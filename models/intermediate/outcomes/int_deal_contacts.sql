with

deals as (

    select * from {{ ref('int_deals') }}

),

deal_leads as (
    {{ union_sources('deal_leads', ['deal_id', 'lead_id']) }}
),

record_leads as (

    select * from {{ ref('int_record_leads') }}

),

-- Several records of one person are one contact.
contacts as (

    select distinct
        record_leads.lead_id,
        deals.deal_key,
        record_leads.lead_key

    from deals

    inner join deal_leads
        on
            deals.source_name = deal_leads.source_name
            and deals.source_deal_id = deal_leads.deal_id

    inner join record_leads
        on
            deal_leads.source_name = record_leads.source_name
            and deal_leads.lead_id = record_leads.record_id

)

select * from contacts
