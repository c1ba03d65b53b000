with

ready as (

    select * from {{ ref('int_ready_leads') }}

),

policies as (

    select * from {{ ref('int_handoff_policies') }}

),

events as (

    select * from {{ ref('int_lead_events') }}

),

event_types as (

    select * from {{ ref('event_types') }}

    where is_activity

),

business_periods as (

    select * from {{ ref('int_business_periods') }}

    where calendar_id = '{{ var("business_calendar") }}'

),

lead_companies as (

    select * from {{ ref('int_lead_companies') }}

),

companies as (

    select * from {{ ref('int_companies') }}

),

deals as (

    select * from {{ ref('int_deals') }}

),

deal_companies as (

    select * from {{ ref('int_deal_companies') }}

),

deal_leads as (

    select * from {{ ref('int_deal_leads') }}

),

-- One stay above the line is one reason to call, until sales gives the lead back; so is one event,
-- one answer and one promised day. Where capacity is waited for, every day is looked at.
numbered as (

    select
        ready.*,
        policies.policy_id,
        policies.handoff_stage,
        policies.service_level_id,
        policies.sort_order,
        policies.is_fill_only,
        ready.cause_type in ('grade', 'points') as is_by_score,
        row_number() over (
            partition by
                ready.lead_key,
                ready.policy_key,
                ready.cause_type,
                ready.cause_event_id,
                ready.caused_at,
                ready.since_date,
                ready.returned_at
            order by ready.issued_date
        ) as day_rank

    from ready

    inner join policies
        on ready.policy_key = policies.policy_key

),

chosen as (

    select numbered.*

    from numbered

    where
        numbered.day_rank = 1
        or numbered.is_fill_only

),

newest_events as (

    select
        chosen.lead_key,
        chosen.issued_date,
        max(events.occurred_at) as newest_at

    from chosen

    inner join events
        on
            chosen.lead_key = events.lead_key
            and chosen.issued_date = events.event_date

    inner join event_types
        on events.event_type = event_types.event_type

    where
        chosen.is_by_score
        and not events.is_automated

    group by
        chosen.lead_key,
        chosen.issued_date

),

openings as (

    select
        business_periods.period_date,
        min(business_periods.opens_at) as opens_at

    from business_periods

    group by business_periods.period_date

),

crossed as (

    select
        chosen.*,
        case
            when chosen.caused_at is null then chosen.issued_date
            else chosen.since_date
        end as crossed_date,
        coalesce(
            chosen.caused_at,
            newest_events.newest_at,
            openings.opens_at,
            {{ start_of_day('chosen.issued_date') }}
        ) as crossed_at

    from chosen

    left join newest_events
        on
            chosen.lead_key = newest_events.lead_key
            and chosen.issued_date = newest_events.issued_date

    left join openings
        on chosen.issued_date = openings.period_date

),

-- Deals of the company, or of the lead where it has none.
talks as (

    select
        lead_companies.lead_key,
        deals.deal_key,
        deals.owner_id,
        coalesce(deals.created_at, {{ start_of_day('deals.created_date') }}) as created_at,
        coalesce(deals.closed_at, {{ start_of_day('deals.closed_date') }}) as closed_at,
        deals.outcome

    from deals

    inner join deal_companies
        on deals.deal_key = deal_companies.deal_key

    inner join lead_companies
        on deal_companies.company_key = lead_companies.company_key

    union

    select
        deal_leads.lead_key,
        deals.deal_key,
        deals.owner_id,
        coalesce(deals.created_at, {{ start_of_day('deals.created_date') }}) as created_at,
        coalesce(deals.closed_at, {{ start_of_day('deals.closed_date') }}) as closed_at,
        deals.outcome

    from deals

    inner join deal_leads
        on deals.deal_key = deal_leads.deal_key

),

in_talks as (

    select
        crossed.lead_key,
        crossed.crossed_at,
        talks.owner_id,
        row_number() over (
            partition by
                crossed.lead_key,
                crossed.crossed_at
            order by
                talks.created_at desc nulls last,
                talks.deal_key desc
        ) as deal_rank

    from crossed

    inner join talks
        on
            crossed.lead_key = talks.lead_key
            and coalesce(crossed.crossed_at > talks.created_at, true)
            and (talks.outcome = 'open' or crossed.crossed_at <= talks.closed_at)

),

crossings as (

    select
        companies.company_id,
        crossed.policy_id,
        crossed.service_level_id,
        crossed.handoff_stage,
        crossed.motion,
        crossed.cause_type,
        crossed.cause_rule_id,
        crossed.cause_event_id,
        crossed.cause_event_type,
        in_talks.owner_id as deal_owner_id,
        cast(
            row_number() over (
                order by
                    crossed.issued_date,
                    crossed.lead_key,
                    crossed.policy_key,
                    crossed.crossed_at,
                    crossed.cause_type,
                    crossed.cause_event_id nulls first,
                    crossed.since_date
            ) as integer
        ) as crossing_key,
        crossed.lead_key,
        crossed.day_lead_key,
        companies.company_key,
        crossed.sort_order,
        crossed.is_by_score,
        crossed.cause_type = 'event' as is_hand_raise,
        crossed.is_fill_only,
        in_talks.lead_key is not null and crossed.is_by_score as is_information,
        crossed.since_date,
        crossed.issued_date,
        crossed.crossed_date,
        crossed.returned_at,
        crossed.crossed_at

    from crossed

    left join lead_companies
        on crossed.lead_key = lead_companies.lead_key

    left join companies
        on lead_companies.company_key = companies.company_key

    left join in_talks
        on
            crossed.lead_key = in_talks.lead_key
            and crossed.crossed_at = in_talks.crossed_at
            and in_talks.deal_rank = 1

)

select * from crossings
