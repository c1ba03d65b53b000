with

leads as (

    select * from {{ ref('int_sync_leads') }}

),

-- Several records of one person all bear its score, or an old one would stay behind in one.
hubspot_records as (

    select * from {{ ref('dim_lead_records') }}

    where
        source_name = 'hubspot'
        and not is_merged

),

contacts as (

    select
        coalesce(hubspot_records.own_lead_id, leads.lead_id) as sync_key,
        hubspot_records.record_id,
        leads.lead_id,
        leads.company_id,
        leads.owner_id,
        {{ column_list(lead_sync_columns(), 'leads') | indent(8) }}

    from leads

    left join hubspot_records
        on leads.lead_id = hubspot_records.lead_id

)

select * from contacts
