{{ config(materialized='view') }}
with

deal_contacts as (

    select * from {{ ref('stg_hubspot__deal_contacts') }}

),

deal_merges as (

    select * from {{ ref('int_hubspot__deal_merges') }}

),

-- The contacts of a merged deal are contacts of the deal that took it in.
deal_leads as (

    select distinct
        coalesce(deal_merges.surviving_deal_id, deal_contacts.deal_id) as deal_id,
        deal_contacts.contact_id as lead_id

    from deal_contacts

    left join deal_merges
        on deal_contacts.deal_id = deal_merges.merged_deal_id

    where
        not deal_contacts.is_deleted
        and deal_contacts.deal_id is not null
        and deal_contacts.contact_id is not null

)

select * from deal_leads
