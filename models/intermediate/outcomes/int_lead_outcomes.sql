with

deals as (

    select * from {{ ref('int_deals') }}

),

deal_leads as (

    select * from {{ ref('int_deal_leads') }}

),

told_outcomes as (

    select * from {{ ref('int_told_outcomes') }}

),

leads as (

    select * from {{ ref('int_leads') }}

),

deal_companies as (

    select * from {{ ref('int_deal_companies') }}

),

companies as (

    select * from {{ ref('int_companies') }}

),

default_pipelines as (

    select * from {{ ref('deal_pipelines') }}

    where match = 'default'

),

default_kinds as (

    select min(default_pipelines.deal_kind) as deal_kind

    from default_pipelines

    where default_pipelines.is_new_win

),

-- A deal that belongs to no lead keeps a row, so that sums over all rows are whole.
deal_outcomes as (

    select
        leads.lead_id,
        deals.deal_id,
        companies.company_id,
        deals.outcome,
        deals.reason,
        deals.deal_kind,
        deal_leads.lead_key,
        deals.deal_key,
        deals.amount,
        coalesce(deal_leads.attributed_amount, deals.amount) as attributed_amount,
        coalesce(deal_leads.outcome_weight, cast(1 as decimal(9, 6))) as outcome_weight,
        deals.is_new_win,
        deals.created_date,
        deals.closed_date,
        deals.created_at,
        deals.closed_at

    from deals

    left join deal_leads
        on deals.deal_key = deal_leads.deal_key

    left join leads
        on deal_leads.lead_key = leads.lead_key

    left join deal_companies
        on deals.deal_key = deal_companies.deal_key

    left join companies
        on deal_companies.company_key = companies.company_key

),

-- An outcome that is told without a deal belongs to one lead alone.
lead_outcomes as (

    select
        deal_outcomes.lead_id,
        deal_outcomes.deal_id,
        deal_outcomes.company_id,
        deal_outcomes.outcome,
        deal_outcomes.reason,
        deal_outcomes.deal_kind,
        deal_outcomes.lead_key,
        deal_outcomes.deal_key,
        cast(null as integer) as outcome_number,
        deal_outcomes.amount,
        deal_outcomes.attributed_amount,
        deal_outcomes.outcome_weight,
        deal_outcomes.is_new_win,
        deal_outcomes.created_date,
        deal_outcomes.closed_date,
        deal_outcomes.created_at,
        deal_outcomes.closed_at

    from deal_outcomes

    union all

    select
        told_outcomes.lead_id,
        cast(null as {{ dbt.type_string() }}) as deal_id,
        cast(null as {{ dbt.type_string() }}) as company_id,
        told_outcomes.outcome,
        told_outcomes.reason,
        default_kinds.deal_kind,
        told_outcomes.lead_key,
        cast(null as integer) as deal_key,
        told_outcomes.outcome_number,
        told_outcomes.amount,
        told_outcomes.amount as attributed_amount,
        cast(1 as decimal(9, 6)) as outcome_weight,
        true as is_new_win,
        cast(null as date) as created_date,
        told_outcomes.closed_date,
        cast(null as timestamp) as created_at,
        told_outcomes.closed_at

    from told_outcomes

    cross join default_kinds

)

select * from lead_outcomes
