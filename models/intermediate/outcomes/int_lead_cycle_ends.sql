with

recursive deals as (

    select * from {{ ref('int_deals') }}

),

deal_leads as (

    select * from {{ ref('int_deal_leads') }}

),

told_outcomes as (

    select * from {{ ref('int_told_outcomes') }}

),

-- Only the end of a new win ends a cycle: renewals run beside what a lead asks for.
closings as (

    select distinct
        deal_leads.lead_key,
        deals.created_date,
        greatest(
            coalesce(deals.closed_date, deals.created_date),
            coalesce(deals.created_date, deals.closed_date)
        ) as closed_date

    from deal_leads

    inner join deals
        on deal_leads.deal_key = deals.deal_key

    where
        deals.is_new_win
        and deals.outcome <> 'open'
        and (deals.closed_date is not null or deals.created_date is not null)

),

-- The first closing among the deals that were opened after another closing.
following as (

    select
        closings.lead_key,
        closings.closed_date,
        min(later.closed_date) as next_closed_date

    from closings

    inner join closings as later
        on
            closings.lead_key = later.lead_key
            and closings.closed_date < later.created_date

    group by
        closings.lead_key,
        closings.closed_date

),

-- Deals that run side by side end one cycle, with the first of them that closes.
cycle_ends as (

    select
        closings.lead_key,
        1 as end_number,
        min(closings.closed_date) as ended_date

    from closings

    group by closings.lead_key

    union all

    select
        cycle_ends.lead_key,
        cycle_ends.end_number + 1 as end_number,
        following.next_closed_date as ended_date

    from cycle_ends

    inner join following
        on
            cycle_ends.lead_key = following.lead_key
            and cycle_ends.ended_date = following.closed_date

),

all_ends as (

    select
        cycle_ends.lead_key,
        cycle_ends.end_number,
        cycle_ends.ended_date

    from cycle_ends

    union all

    select
        told_outcomes.lead_key,
        told_outcomes.outcome_number as end_number,
        told_outcomes.closed_date as ended_date

    from told_outcomes

)

select * from all_ends
