-- Deals, the true chance of winning them, and what became of them.

create table deal_plans as
with candidates as (
    select
        people.person_no,
        people.company_no,
        people.relation,
        busy_day(people.peak_day + 3, people.peak_day + 25, draw('deal day', people.person_no)) as created_day,
        draw('deal', people.person_no) * case people.role when 'buyer' then 0.3 else 1.0 end as order_draw
    from people
    where people.peak_day is not null and people.kind = 'business' and people.relation in ('prospect', 'customer', 'partner')
),
ranked as (
    select *, row_number() over (partition by relation order by order_draw, person_no) as place
    from candidates
    where created_day is not null
),
with_people as (
    select
        case
            when relation = 'customer' then 'expansion'
            when relation = 'partner' then 'partner'
            when place <= scaled(1050) * 92 // 100 then 'default'
            else 'partner'
        end as pipeline_id,
        person_no,
        company_no,
        created_day
    from ranked
    where (relation = 'customer' and place <= scaled(120))
        or (relation = 'partner' and place <= scaled(40))
        or (relation = 'prospect' and place <= scaled(1050) * 92 // 100 + scaled(50))
),
prospects as (
    select company_no, row_number() over (order by draw('sales-led deal', company_no), company_no) - 1 as place
    from companies
    where relation = 'prospect' and not is_homonym
),
customers as (
    select company_no, row_number() over (order by draw('renewal', company_no), company_no) - 1 as place, count(*) over () as company_count
    from companies
    where relation = 'customer'
),
-- Sales brought these in: no person of ours stands behind them.
company_only as (
    select 'default' as pipeline_id, null::integer as person_no, company_no, busy_day(0, 549, draw('sales-led day', company_no)) as created_day
    from prospects
    where place < scaled(1050) - scaled(1050) * 92 // 100
),
renewals as (
    select 'renewal' as pipeline_id, null::integer as person_no, customers.company_no, busy_day(0, 549, draw('renewal day', renewal_no)) as created_day
    from range(0, scaled(250)) as numbers (renewal_no)
    inner join customers on customers.place = renewal_no % customers.company_count
)
select
    (row_number() over (order by created_day, pipeline_id, company_no, person_no) - 1)::integer as deal_no,
    pipeline_id,
    person_no,
    company_no,
    created_day
from (
    select * from with_people
    union all
    select * from company_only
    union all
    select * from renewals
) as plans;

create macro deal_id(deal_no) as ((3000000000 + deal_no::bigint * 11)::text);

-- What truly counts, read from what the person did before the deal.
create table deal_drivers as
with page_counts as (
    select
        deal_plans.deal_no,
        count(*) filter (where pages.day_no >= deal_plans.created_day - 30 and (pages.path like '%/pricing%' or pages.path like '/price%')) as pricing_views,
        count(*) filter (where pages.path like '%/security%' or pages.path like '%/integrations%' or pages.path like '%/onboarding%') as evaluation_views
    from deal_plans
    inner join pages on pages.person_no = deal_plans.person_no
    where pages.day_no >= deal_plans.created_day - 45 and pages.day_no < deal_plans.created_day
    group by deal_plans.deal_no
),
attended as (
    select deal_plans.deal_no, count(*) as webinar_count
    from deal_plans
    inner join webinar_attendance on webinar_attendance.person_no = deal_plans.person_no
    where webinar_attendance.has_attended and webinar_attendance.day_no between deal_plans.created_day - 180 and deal_plans.created_day - 1
    group by deal_plans.deal_no
),
case_studies as (
    select deal_plans.deal_no, count(*) as case_count
    from deal_plans
    inner join filled_forms on filled_forms.person_no = deal_plans.person_no
    where filled_forms.kind = 'case_study' and filled_forms.day_no between deal_plans.created_day - 180 and deal_plans.created_day - 1
    group by deal_plans.deal_no
),
spoken as (
    select deal_plans.deal_no, count(*) as call_count
    from deal_plans
    inner join outbound_calls on outbound_calls.person_no = deal_plans.person_no
    where outbound_calls.outcome in ('interested', 'wants_meeting', 'wants_documents')
        and outbound_calls.day_no between deal_plans.created_day - 90 and deal_plans.created_day - 1
    group by deal_plans.deal_no
),
trials as (
    select deal_plans.deal_no, count(*) as trial_count
    from deal_plans
    inner join tracks on tracks.person_no = deal_plans.person_no
    where tracks.event = 'trial_started' and tracks.day_no between deal_plans.created_day - 45 and deal_plans.created_day - 1
    group by deal_plans.deal_no
)
select
    deal_plans.*,
    people.job_level,
    people.job_function,
    companies.employee_count,
    companies.industry_group,
    companies.is_foreign,
    coalesce(page_counts.pricing_views, 0) as pricing_views,
    coalesce(page_counts.evaluation_views, 0) > 0 as has_evaluation_view,
    coalesce(attended.webinar_count, 0) > 0 and coalesce(case_studies.case_count, 0) > 0 as has_webinar_and_case,
    coalesce(spoken.call_count, 0) > 0 as has_prior_call,
    coalesce(trials.trial_count, 0) > 0 as has_trial,
    month(getvariable('first_date') + deal_plans.created_day) in (10, 11, 12, 1) as is_budget_season,
    deal_plans.created_day >= 457 as is_after_drift
from deal_plans
inner join companies on companies.company_no = deal_plans.company_no
left join people on people.person_no = deal_plans.person_no
left join page_counts on page_counts.deal_no = deal_plans.deal_no
left join attended on attended.deal_no = deal_plans.deal_no
left join case_studies on case_studies.deal_no = deal_plans.deal_no
left join spoken on spoken.deal_no = deal_plans.deal_no
left join trials on trials.deal_no = deal_plans.deal_no;

create table deals as
with scored as (
    select
        *,
        -3.7
        + case job_level when 'head' then 0.9 when 'executive' then 0.7 when 'manager' then 0.5 when 'lead' then 0.1 when 'staff' then -0.3 else 0.0 end
        + case when job_function in ('sales', 'marketing') then 0.7 when job_function in ('it_digital', 'planning') then case when is_after_drift then 0.9 else 0.2 end else 0.0 end
        + case when employee_count between 300 and 999 then 0.6 when employee_count between 100 and 299 then 0.3 when employee_count >= 1000 then 0.1 when employee_count < 30 then -0.7 else 0.0 end
        + case when industry_group in ('manufacturing', 'wholesale', 'information_technology') then 0.3 else 0.0 end
        + case when is_foreign then -0.8 else 0.0 end
        -- Since August 2026 everybody sees prices, so a look at them says little.
        + case when is_after_drift then 0.05 else 0.30 end * least(pricing_views, 4)
        + case when has_evaluation_view then 1.1 else 0.0 end
        + case when has_webinar_and_case and not is_after_drift then 0.9 else 0.0 end
        + case when has_prior_call then 0.8 else 0.0 end
        + case when is_budget_season then 0.4 else 0.0 end
        + case pipeline_id when 'expansion' then 0.8 when 'partner' then 0.4 when 'renewal' then 5.9 else case when person_no is null then 1.3 else 0.0 end end
        as logit,
        created_day + 18 + choose(115, 'deal length', deal_no) as wanted_close_day
    from deal_drivers
),
timed as (
    select
        *,
        1.0 / (1.0 + exp(-logit)) as win_probability,
        busy_day(wanted_close_day, wanted_close_day + 12, draw('close day', deal_no)) as close_day
    from scored
)
select
    deal_no,
    pipeline_id,
    person_no,
    company_no,
    created_day,
    case when wanted_close_day <= 548 then close_day end as closed_day,
    wanted_close_day,
    case
        when wanted_close_day > 548 or close_day is null then null
        when draw('wins', deal_no) < win_probability then 'won'
        else 'lost'
    end as outcome,
    cast(greatest(180000, round((200000 + coalesce(employee_count, 50) * 1400.0) * (0.6 + 0.8 * draw('amount', deal_no)) / 1000) * 1000) as decimal(14, 2))
    + case when deal_no % 20 = 0 then 0.50 else 0 end as amount,
    (['too_early', 'next_budget', 'no_budget', 'competitor_won', 'price', 'missing_function', 'status_quo', 'status_quo', 'approval_failed', 'project_stopped'])[choose(10, 'lost reason', deal_no) + 1] as lost_reason,
    row_number() over (order by draw('deleted deal', deal_no), deal_no) <= scaled(15) as is_deleted,
    owner_of(company_no) as owner_no,
    round(win_probability, 6) as win_probability,
    job_level, job_function, employee_count, industry_group, pricing_views, has_evaluation_view, has_webinar_and_case, has_prior_call, has_trial, is_budget_season, is_after_drift
from timed
order by deal_no;

-- The people of a deal: the one who wanted it, and colleagues.
create table deal_people as
with colleagues as (
    select
        deals.deal_no,
        people.person_no,
        row_number() over (partition by deals.deal_no order by draw_of_two('colleague', deals.deal_no, people.person_no), people.person_no) as place,
        count(*) over (partition by deals.deal_no) as colleague_count
    from deals
    inner join people on people.company_no = deals.company_no and people.person_no <> deals.person_no
    where deals.person_no is not null and people.kind = 'business'
),
sized as (
    select
        deal_no,
        case
            when row_number() over (order by colleague_count < 4, draw('five contacts', deal_no), deal_no) <= scaled(50) then 4
            when draw('contacts of deal', deal_no) < 0.30 then 1
            when draw('contacts of deal', deal_no) < 0.45 then 2
            else 0
        end as wanted_count
    from (select distinct deal_no, colleague_count from colleagues) as deals_with_colleagues
),
renewal_people as (
    select
        deals.deal_no,
        people.person_no,
        row_number() over (partition by deals.deal_no order by draw_of_two('renews', deals.deal_no, people.person_no), people.person_no) as place
    from deals
    inner join people on people.company_no = deals.company_no and people.kind = 'business'
    where deals.pipeline_id = 'renewal' and draw('renewal has contact', deals.deal_no) < 0.5
)
select deal_no, person_no, 0 as place from deals where person_no is not null
union all
select colleagues.deal_no, colleagues.person_no, colleagues.place
from colleagues
inner join sized on sized.deal_no = colleagues.deal_no
where colleagues.place <= sized.wanted_count
union all
select deal_no, person_no, 0 from renewal_people where place = 1;

-- Meetings: before most deals, and those that nobody came to.
create table meetings as
with planned as (
    select
        deal_people.person_no,
        deals.deal_no,
        busy_day(deals.created_day - 6, deals.created_day + 12, draw('meeting day', deals.deal_no)) as day_no,
        draw('meeting', deals.deal_no) as outcome_draw,
        deals.deal_no::bigint as meeting_no
    from deals
    inner join deal_people on deal_people.deal_no = deals.deal_no and deal_people.place = 0
    where deals.pipeline_id <> 'renewal'
    union all
    select
        outbound_calls.person_no,
        null,
        busy_day(outbound_calls.day_no + 3, outbound_calls.day_no + 20, draw('agreed day', outbound_calls.call_no)),
        draw('agreed', outbound_calls.call_no),
        1000000000 + outbound_calls.call_no
    from outbound_calls
    where outbound_calls.outcome = 'wants_meeting'
)
select
    meeting_no,
    person_no,
    deal_no,
    day_no,
    case
        when outcome_draw < 0.78 then 'COMPLETED'
        when outcome_draw < 0.88 then 'NO_SHOW'
        when outcome_draw < 0.94 then 'CANCELED'
        else 'RESCHEDULED'
    end as outcome,
    case when draw('visit', meeting_no) < 0.2 then '訪問' else 'WEB' end as location
from planned
where day_no is not null;

-- Dates that are agreed and still to come.
insert into meetings
select
    5000000000 + person_no,
    person_no,
    null,
    549 + choose(15, 'coming', person_no),
    'SCHEDULED',
    'WEB'
from people
where role = 'buyer' and peak_day between 530 and 560 and draw('coming meeting', person_no) < 0.3;

-- Leads that sales gave back as too early, with the day to come back.
create table returned_leads as
select person_no, returned_day, recontact_day
from (
    select
        people.person_no,
        busy_day(people.peak_day, people.peak_day + 20, draw('returned', people.person_no)) as returned_day,
        people.peak_day + 90 + choose(240, 'recontact', people.person_no) as recontact_day,
        row_number() over (order by draw('returned lead', people.person_no), people.person_no) as place
    from people
    where people.role = 'evaluator' and people.kind = 'business' and people.peak_day between 60 and 525
        and not exists (select 1 from deal_people where deal_people.person_no = people.person_no)
)
where place <= scaled(180);
