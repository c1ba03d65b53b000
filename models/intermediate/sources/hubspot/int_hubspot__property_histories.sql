{{ config(materialized='view') }}
with

contact_history as (

    select * from {{ ref('stg_hubspot__contact_property_history') }}

),

company_history as (

    select * from {{ ref('stg_hubspot__company_property_history') }}

),

deal_history as (

    select * from {{ ref('stg_hubspot__deal_property_history') }}

),

-- A change whose time cannot be read has no place in the history.
property_histories as (

    select
        'lead' as entity,
        contact_history.contact_id as record_id,
        contact_history.property_name,
        contact_history.property_value,
        contact_history.changed_date,
        contact_history.changed_at

    from contact_history

    where contact_history.changed_date is not null

    union all

    select
        'company' as entity,
        company_history.company_id as record_id,
        company_history.property_name,
        company_history.property_value,
        company_history.changed_date,
        company_history.changed_at

    from company_history

    where company_history.changed_date is not null

    union all

    select
        'deal' as entity,
        deal_history.deal_id as record_id,
        deal_history.property_name,
        deal_history.property_value,
        deal_history.changed_date,
        deal_history.changed_at

    from deal_history

    where deal_history.changed_date is not null

)

select * from property_histories
