with

deals as (

    select * from {{ ref('int_deals') }}

),

contacts as (

    select * from {{ ref('int_deal_contacts') }}

),

deal_companies as (

    select * from {{ ref('int_deal_companies') }}

),

leads as (

    select * from {{ ref('int_leads') }}

),

lead_companies as (

    select * from {{ ref('int_lead_companies') }}

),

events as (

    select * from {{ ref('int_lead_events') }}

),

event_types as (

    select * from {{ ref('event_types') }}

    where is_activity

),

-- Recorded ones only: what this build hands over follows from its deals. Of its own day none, so
-- that a second build of the day finds what the first one found.
issued_handoffs as (

    select * from {{ ref('int_issued_handoffs') }}

    where
        handoff_kind = 'handoff'
        and issued_date < {{ as_of_date() }}

),

lookback as (

    select * from {{ ref('outcome_settings') }}

    where setting_id = 'company_deal_lookback_days'

),

-- A deal without a day of creation counts from its closing.
company_deals as (

    select
        deals.source_name,
        deals.company_id,
        {{ fold_text('deals.company_name') }} as folded_name,
        deals.deal_key,
        deal_companies.company_key,
        coalesce(deals.created_date, deals.closed_date) as deal_date

    from deals

    left join deal_companies
        on deals.deal_key = deal_companies.deal_key

    left join contacts
        on deals.deal_key = contacts.deal_key

    where contacts.deal_key is null

),

-- Where nothing but a name is known of a company, leads that bear it as written are its leads.
nameless_leads as (

    select
        leads.source_name,
        {{ fold_text('leads.company_name') }} as folded_name,
        leads.lead_key,
        count(lead_companies.company_key) over (
            partition by leads.source_name, {{ fold_text('leads.company_name') }}
        ) as company_count

    from leads

    left join lead_companies
        on leads.lead_key = lead_companies.lead_key

    where leads.company_name is not null

),

candidates as (

    select
        company_deals.deal_key,
        company_deals.deal_date,
        lead_companies.lead_key

    from company_deals

    inner join lead_companies
        on company_deals.company_key = lead_companies.company_key

    union all

    select
        company_deals.deal_key,
        company_deals.deal_date,
        nameless_leads.lead_key

    from company_deals

    inner join nameless_leads
        on
            company_deals.source_name = nameless_leads.source_name
            and company_deals.folded_name = nameless_leads.folded_name
            and nameless_leads.company_count = 0

    where
        company_deals.company_id is null
        and company_deals.company_key is null

),

-- The day of creation itself counts: many sources know only days.
signs as (

    select
        candidates.deal_key,
        candidates.lead_key,
        events.occurred_at

    from candidates

    inner join events
        on
            candidates.lead_key = events.lead_key
            and candidates.deal_date >= events.event_date

    inner join event_types
        on events.event_type = event_types.event_type

    cross join lookback

    where
        candidates.deal_date - events.event_date <= lookback.setting_value
        and not events.is_automated

    union all

    select
        candidates.deal_key,
        candidates.lead_key,
        issued_handoffs.crossed_at as occurred_at

    from candidates

    inner join issued_handoffs
        on
            candidates.lead_key = issued_handoffs.lead_key
            and candidates.deal_date >= issued_handoffs.crossed_date

    cross join lookback

    where candidates.deal_date - issued_handoffs.crossed_date <= lookback.setting_value

),

last_signs as (

    select
        signs.deal_key,
        signs.lead_key,
        max(signs.occurred_at) as last_sign_at

    from signs

    group by
        signs.deal_key,
        signs.lead_key

),

ranked as (

    select
        last_signs.deal_key,
        last_signs.lead_key,
        last_signs.last_sign_at,
        row_number() over (
            partition by last_signs.deal_key
            order by
                last_signs.last_sign_at desc,
                leads.lead_id asc,
                leads.lead_key asc
        ) as lead_rank

    from last_signs

    inner join leads
        on last_signs.lead_key = leads.lead_key

),

company_deal_leads as (

    select
        ranked.deal_key,
        ranked.lead_key,
        ranked.last_sign_at

    from ranked

    where ranked.lead_rank = 1

)

select * from company_deal_leads
