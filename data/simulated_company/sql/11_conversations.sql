-- Calls and e-mails of sales before a deal, and calls that reached a company but no person we know.

create macro owner_of(thing_no) as ((1 + thing_no % 13)::integer);
-- The thirteenth rep left at the end of June 2026; others make the calls from then on.
create macro caller_of(thing_no, day_no) as (
    case when owner_of(thing_no) = 13 and day_no > 425 then 2 else owner_of(thing_no) end
);

create table asked as
select person_no, min(day_no) as asked_day
from (
    select person_no, day_no from filled_forms
    where kind in ('demo', 'quotation', 'product_inquiry')
    union all
    select person_no, imported_day from exhibition_cards where answer in ('3か月以内', '6か月以内')
) as askers
group by person_no;

create table outbound_calls as
with attempts as (
    -- Who asked is called up to three times.
    select
        asked.person_no::bigint * 8 + attempt_no as attempt_key,
        asked.person_no,
        busy_day(asked.asked_day + attempt_no * 2, asked.asked_day + attempt_no * 2 + 6, draw_of_two('call day', asked.person_no, attempt_no)) as day_no,
        0.42 as reach_chance
    from asked, range(0, 3) as attempts (attempt_no)
    union all
    select
        1000000000 + cold_no,
        choose(getvariable('person_count'), 'cold call', cold_no),
        busy_day(0, 549, draw('cold call day', cold_no)),
        0.15
    from range(0, scaled(6000)) as numbers (cold_no)
),
described as (
    select
        attempts.*,
        people.role,
        people.kind,
        people.peak_day,
        draw('reached', attempt_key) as reach_draw,
        draw('answer', attempt_key) as answer_draw
    from attempts
    inner join people on people.person_no = attempts.person_no
    inner join consents_in_force on consents_in_force.person_no = attempts.person_no
    where people.kind in ('business', 'private', 'vendor_pitch')
        and attempts.day_no >= people.created_day
        and attempts.day_no < coalesce(consents_in_force.do_not_contact_day, 9999)
)
select
    attempt_key as call_no,
    person_no,
    day_no,
    'OUTBOUND' as direction,
    case
        when reach_draw < reach_chance then 'connected'
        when reach_draw < reach_chance + 0.25 then 'no_answer'
        when reach_draw < reach_chance + 0.40 then 'absent'
        when reach_draw < reach_chance + 0.47 then 'gatekeeper'
        when reach_draw < reach_chance + 0.51 then 'left_message'
        when reach_draw < reach_chance + 0.54 then 'busy'
        when reach_draw < reach_chance + 0.56 then 'wrong_number'
        else 'left_voicemail'
    end as disposition,
    case when reach_draw < reach_chance then case
        when kind <> 'business' then 'no_need'
        when role = 'buyer' and abs(day_no - peak_day) < 60 then case when answer_draw < 0.35 then 'wants_meeting' when answer_draw < 0.65 then 'interested' when answer_draw < 0.85 then 'wants_documents' when answer_draw < 0.95 then 'too_early' else 'no_need' end
        when role = 'evaluator' and abs(day_no - peak_day) < 60 then case when answer_draw < 0.1 then 'wants_meeting' when answer_draw < 0.3 then 'interested' when answer_draw < 0.55 then 'wants_documents' when answer_draw < 0.75 then 'too_early' else 'no_need' end
        else case when answer_draw < 0.03 then 'interested' when answer_draw < 0.10 then 'wants_documents' when answer_draw < 0.2 then 'too_early' when answer_draw < 0.26 then 'wrong_person' else 'no_need' end
    end end as outcome,
    null::text as topic
from described
where day_no is not null;

create table inbound_calls as
select
    2000000000 + people.person_no as call_no,
    people.person_no,
    case when role in ('buyer', 'evaluator') then busy_day(peak_day - 8, peak_day + 8, draw('inbound day', people.person_no))
        else busy_day(greatest(created_day, 0), 549, draw('inbound day', people.person_no)) end as day_no,
    'INBOUND' as direction,
    'connected' as disposition,
    null::text as outcome,
    case
        when people.kind = 'vendor_pitch' then 'sales_pitch'
        when relation = 'customer' then (['support', 'support', 'billing', 'product'])[choose(4, 'topic', people.person_no) + 1]
        else (['product', 'price', 'demo'])[choose(3, 'topic', people.person_no) + 1]
    end as topic
from people
where people.kind in ('business', 'vendor_pitch') and draw('calls us', people.person_no) < case
    when people.kind = 'vendor_pitch' then 0.1
    when role = 'buyer' then 0.16
    when role = 'evaluator' then 0.04
    when relation = 'customer' then 0.08
    else 0.002
end;

create table company_calls as
select
    3000000000 + call_no as call_no,
    choose(getvariable('company_count'), 'called company', call_no) as company_record_no,
    busy_day(0, 549, draw('company call', call_no)) as day_no,
    (['gatekeeper', 'absent', 'no_answer', 'connected'])[choose(4, 'company call', call_no) + 1] as disposition
from range(0, scaled(400)) as numbers (call_no);

-- Mails that sales wrote, and answers to some of them.
create table sales_mails as
with written as (
    select
        mail_no,
        case when mail_no % 3 = 0 then choose(getvariable('person_count'), 'mailed', mail_no) else askers.person_no end as person_no,
        askers.asked_day,
        draw('answers mail', mail_no) as answer_draw
    from range(0, scaled(4500)) as numbers (mail_no)
    inner join (select person_no, asked_day, row_number() over (order by person_no) - 1 as place, count(*) over () as asker_count from asked) as askers
        on askers.place = mail_no % askers.asker_count
),
dated as (
    select
        written.*,
        people.role,
        case when mail_no % 3 = 0 then busy_day(greatest(people.created_day, 0), 549, draw('mailed on', mail_no))
            else busy_day(asked_day, asked_day + 30, draw('mailed on', mail_no)) end as day_no
    from written
    inner join people on people.person_no = written.person_no
    inner join people_named on people_named.person_no = written.person_no
    where people.kind = 'business' and people_named.email is not null
)
select
    mail_no * 2 + place as engagement_no,
    person_no,
    day_no,
    case place when 0 then 'EMAIL' else 'INCOMING_EMAIL' end as direction,
    mail_no % 5 = 0 and place = 0 as is_automatic,
    moment(day_no, case place when 0 then 33000 + choose(9000, 'wrote', mail_no) else 43200 + choose(18000, 'answered', mail_no) end) as mailed_at
from dated, range(0, 2) as places (place)
where day_no is not null and (place = 0 or answer_draw < case role when 'buyer' then 0.45 when 'evaluator' then 0.25 else 0.04 end);
