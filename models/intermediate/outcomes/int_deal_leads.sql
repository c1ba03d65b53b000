with

deals as (

    select * from {{ ref('int_deals') }}

),

contacts as (

    select * from {{ ref('int_deal_contacts') }}

),

company_deal_leads as (

    select * from {{ ref('int_company_deal_leads') }}

),

counted as (

    select
        contacts.deal_key,
        contacts.lead_key,
        count(*) over (partition by contacts.deal_key) as lead_count,
        row_number() over (
            partition by contacts.deal_key
            order by contacts.lead_id, contacts.lead_key
        ) as lead_rank

    from contacts

    union all

    select
        company_deal_leads.deal_key,
        company_deal_leads.lead_key,
        1 as lead_count,
        1 as lead_rank

    from company_deal_leads

),

-- In millionths and cents, so that the parts add up to the whole exactly.
shared as (

    select
        deals.deal_id,
        counted.deal_key,
        counted.lead_key,
        {{ equal_share('1000000', 'counted.lead_count', 'counted.lead_rank') }} as millionths,
        {{ equal_share(
            'cast(cast(deals.amount as decimal(22, 2)) * 100 as bigint)',
            'counted.lead_count',
            'counted.lead_rank'
        ) }} as cents

    from counted

    inner join deals
        on counted.deal_key = deals.deal_key

),

deal_leads as (

    select
        shared.deal_id,
        shared.deal_key,
        shared.lead_key,
        cast(
            cast(shared.millionths as decimal(9, 0)) * cast(0.000001 as decimal(6, 6))
            as decimal(9, 6)
        ) as outcome_weight,
        cast(cast(shared.cents as decimal(18, 0)) * cast(0.01 as decimal(2, 2)) as decimal(18, 2))
            as attributed_amount

    from shared

)

select * from deal_leads
