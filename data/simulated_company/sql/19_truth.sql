-- What is true, for tests and for nobody else.

create view truth.people as
select
    person_no::text as person_id,
    kind,
    role,
    company_no::text as company_truth_id,
    job_level,
    job_function,
    round(true_fit, 4) as true_fit,
    (getvariable('first_date') + peak_day) as peak_date,
    mailbox is not null as has_shared_mailbox,
    email,
    card_no,
    unsubscribed_askers.person_no is not null as asks_though_unsubscribed
from main.people as people
inner join people_named using (person_no)
left join unsubscribed_askers using (person_no)
order by person_no;

create view truth.contacts as
select
    contact_id(record_no) as contact_id,
    contact_records.person_no::text as person_id,
    contact_records.kind as record_kind,
    row_state,
    (getvariable('first_date') + merged_day) as merged_date,
    -- A duplicate belongs to the record that was created first, which is the main one.
    contact_id(contact_records.person_no) as surviving_contact_id
from contact_records
order by record_no;

create view truth.companies as
select
    company_id(record_no) as company_id,
    company_records.company_no::text as company_truth_id,
    variant_kind,
    planted_evidence,
    companies.is_homonym,
    -- A name alone merges nobody.
    coalesce(planted_evidence, '') <> 'name_only' as is_expected_match,
    companies.relation,
    companies.employee_count,
    companies.industry_group,
    companies.prefecture_ja
from company_records
inner join main.companies as companies using (company_no)
order by record_no;

create view truth.visitors as
select
    anonymous_id(visitors.visitor_no) as anonymous_id,
    visitors.kind,
    case when visitors.person_no is not null then contact_id(visitors.person_no) end as contact_id,
    identified.first_identified_at,
    contact_id(shared_devices.other_person_no) as second_contact_id,
    (getvariable('first_date') + shared_devices.switched_day) as second_from_date
from main.visitors as visitors
left join (
    select identifies.visitor_no, min(identified_at) as first_identified_at
    from identifies
    inner join people_named using (person_no)
    where email is not null
    group by identifies.visitor_no
) as identified using (visitor_no)
left join shared_devices using (visitor_no)
where exists (select 1 from sessions where sessions.visitor_no = visitors.visitor_no) or identified.visitor_no is not null
order by visitors.visitor_no;

create view truth.machine_events as
select 'segment' as source, 'pages' as table_name, id_of('page view', page_no) as event_id, 'bot' as kind from pages where is_bot
union all
select 'hubspot', 'email_event', id_of('mail event', mail_event_key(mail_no, type, place)), case type when 'OPEN' then 'privacy proxy' else 'link scanner' end
from mail_events where is_machine
order by all;

create view truth.odd_events as
select 'pages' as table_name, id_of('page view', page_no) as event_id, mishap as kind from page_rows where mishap is not null
union all
select 'tracks', id_of('track', track_no), mishap from track_rows where mishap is not null
order by all;

create view truth.deals as
select
    deal_id(deal_no) as deal_id,
    pipeline_id,
    outcome,
    win_probability,
    is_deleted,
    job_level,
    job_function,
    employee_count,
    industry_group,
    pricing_views,
    has_evaluation_view,
    has_webinar_and_case,
    has_prior_call,
    has_trial,
    is_budget_season,
    is_after_drift,
    coalesce(contact_counts.contact_count, 0) as contact_count
from main.deals as deals
left join (select deal_no, count(*) as contact_count from deal_people group by deal_no) as contact_counts using (deal_no)
order by deal_no;

-- What sales answered, in order; how each answer came about stands in 12_sales_answers.sql.
create view truth.sales_answers as
select contact_id(person_no) as contact_id, written(answered_at) as answered_at, name, value
from main.sales_answers
order by person_no, answered_at, name;
