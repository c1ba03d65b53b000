with

leads as (

    select * from {{ ref('int_sync_leads') }}

),

-- People of customers and partners are contacts there, everybody else is a lead.
dim_leads as (

    select * from {{ ref('dim_leads') }}

    where coalesce(motion, 'new_business') = 'new_business'

),

exported as (

    select
        leads.lead_id,
        leads.company_id,
        leads.owner_id,
        {{ column_list(lead_sync_columns(), 'leads') | indent(8) }}

    from leads

    inner join dim_leads
        on leads.lead_id = dim_leads.lead_id

)

select * from exported
