with

outcomes as (
    {{ union_sources('outcomes', [
        'lead_id', 'outcome', 'reason', 'amount', 'closed_date', 'closed_at'
    ]) }}
),

record_leads as (

    select * from {{ ref('int_record_leads') }}

),

deals as (

    select * from {{ ref('int_deals') }}

),

deal_leads as (

    select * from {{ ref('int_deal_leads') }}

),

leads_with_closed_deals as (

    select distinct deal_leads.lead_key

    from deal_leads

    inner join deals
        on deal_leads.deal_key = deals.deal_key

    where
        deals.is_new_win
        and deals.outcome <> 'open'

),

-- Nothing after the end of D is read; an outcome without a day has always been known. Where a
-- source gives both, the deals of a lead tell the same and more.
known as (

    select
        record_leads.lead_id,
        outcomes.outcome,
        outcomes.reason,
        record_leads.lead_key,
        outcomes.amount,
        outcomes.closed_date,
        outcomes.closed_at

    from outcomes

    inner join record_leads
        on
            outcomes.lead_id = record_leads.record_id
            and outcomes.source_name = record_leads.source_name

    where
        outcomes.outcome in ('won', 'lost')
        and (outcomes.closed_date is null or outcomes.closed_date <= {{ as_of_date() }})
        and not exists (
            select 1
            from leads_with_closed_deals
            where record_leads.lead_key = leads_with_closed_deals.lead_key
        )

),

-- Each of them ends a cycle.
numbered as (

    select
        known.lead_id,
        known.outcome,
        known.reason,
        known.lead_key,
        cast(
            row_number() over (
                partition by known.lead_key
                order by
                    known.closed_at nulls first,
                    known.outcome,
                    known.amount nulls first,
                    known.reason nulls first
            ) as integer
        ) as outcome_number,
        known.amount,
        known.closed_date,
        known.closed_at

    from known

)

select * from numbered
