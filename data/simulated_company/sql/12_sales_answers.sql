-- What sales answered about people beyond the plain status: appointments, leads that it keeps and
-- wants supported, people who are no leads, the verdict after a meeting, and why a lead came back.
-- Answers stand on the main record only; the draws are of their own, so that nothing else moves.

create table person_deals as
select
    deal_people.person_no,
    count(*) as deal_count,
    count(*) filter (where deals.outcome = 'won') as won_count,
    min(deals.closed_day) filter (where deals.outcome = 'won') as won_day,
    min(deals.created_day) as first_deal_day,
    max(deals.closed_day) as last_closed_day,
    min(deals.created_day) filter (where deals.outcome is null) as first_open_day,
    count(*) filter (where deals.outcome is null) as open_count
from deal_people
inner join deals on deals.deal_no = deal_people.deal_no
where not deals.is_deleted
group by deal_people.person_no;

-- Status three days after somebody asked, unless the lead was settled by then.
create macro lead_status(record_no) as (['IN_PROGRESS', 'ATTEMPTED_TO_CONTACT', 'CONNECTED', 'UNQUALIFIED'])[choose(4, 'lead status', record_no) + 1];

create table settled_people as
select
    people.person_no,
    people.kind,
    people.role,
    people.created_day,
    companies.employee_count,
    asked.asked_day,
    returned_leads.returned_day,
    coalesce(returned_leads.returned_day, person_deals.first_open_day, 9999) as settled_day
from people
left join companies on companies.company_no = people.company_no
left join asked on asked.person_no = people.person_no
left join returned_leads on returned_leads.person_no = people.person_no
left join person_deals on person_deals.person_no = people.person_no
where people.created_day is not null;

-- Words of disposition_reasons.csv: who it is decides, then how much was wanted, then a draw.
create macro return_reason(kind, role, employee_count, word, thing_no) as (
    case
        when kind = 'vendor_pitch' then 'vendor_pitch'
        when kind in ('student', 'private') then 'student_or_private'
        when employee_count < 30 and draw(word || ' small', thing_no) < 0.6 then 'too_small'
        when role = 'buyer' then (['no_budget', 'not_reached', 'already_in_talks', 'wrong_person'])[choose(4, word, thing_no) + 1]
        when role = 'evaluator' then (['information_only', 'information_only', 'no_budget', 'not_reached', 'wrong_person', 'next_budget'])[choose(6, word, thing_no) + 1]
        else (['no_need', 'no_need', 'information_only', 'not_reached', 'not_reached', 'wrong_person', 'moved_or_left', 'wrong_contact_data', 'wrong_industry', 'duplicate'])[choose(10, word, thing_no) + 1]
    end
);

-- Meetings of new business; the day of arrangement is that of the meeting's own record.
create table agreed_meetings as
select
    meetings.meeting_no,
    meetings.person_no,
    meetings.day_no,
    meetings.outcome,
    -- Inside sales opens the deal with the appointment; some of them are no opportunity after all.
    case
        when deals.outcome = 'lost' then draw('real opportunity', meetings.meeting_no) < 0.65
        when meetings.deal_no is null then coalesce(abs(person_deals.first_deal_day - meetings.day_no) <= 30, false)
        else true
    end as is_opportunity,
    greatest(0, least(548, meetings.day_no) - 3 - choose(8, 'arranged', meetings.meeting_no)) as arranged_day,
    39600 + choose(18000, 'arranged at', meetings.meeting_no) as arranged_second
from meetings
left join deals on deals.deal_no = meetings.deal_no
left join person_deals on person_deals.person_no = meetings.person_no
where meetings.person_no is not null and coalesce(deals.pipeline_id, 'default') = 'default';

create table meeting_verdicts as
select
    agreed_meetings.*,
    busy_day(day_no, day_no + 5, draw('meeting verdict', meeting_no)) as verdict_day
from agreed_meetings
where outcome = 'COMPLETED';

create table sales_answers as
with unqualified as (
    select
        *,
        greatest(asked_day + 3, created_day) as answered_day
    from settled_people
    where asked_day < 540 and asked_day + 3 < settled_day and lead_status(person_no) = 'UNQUALIFIED'
),
no_leads as (
    select *, busy_day(greatest(asked_day, created_day), asked_day + 4, draw('no lead on', person_no)) as answered_day
    from settled_people
    where kind in ('vendor_pitch', 'student') and asked_day is not null and draw('no lead', person_no) < 0.7
),
answers as (
    select person_no, answered_day as day_no, 50460 as second_no, 'ls_return_reason' as name, return_reason(kind, role, employee_count, 'return reason', person_no) as value
    from unqualified
    union all
    select person_no, greatest(returned_day, created_day), 61200, 'ls_return_reason', 'too_early'
    from settled_people
    where returned_day is not null
    union all
    select person_no, answered_day, 64000, 'ls_disposition', 'no_lead' from no_leads
    union all
    select person_no, answered_day, 64000, 'ls_return_reason', return_reason(kind, role, null, 'no lead reason', person_no) from no_leads
    union all
    select person_no, arranged_day, arranged_second + 120, 'ls_disposition', 'meeting_set' from agreed_meetings
    union all
    select outbound_calls.person_no, outbound_calls.day_no, 32400 + choose(30000, 'call second', outbound_calls.call_no) + 600, 'ls_disposition', 'nurture_requested'
    from outbound_calls
    where outbound_calls.outcome in ('interested', 'wants_documents') and draw('support wanted', outbound_calls.call_no) < 0.3
    union all
    -- Field sales takes the appointment the next morning and judges after the meeting.
    select person_no, busy_day(arranged_day + 1, arranged_day + 6, draw('confirmed on', meeting_no)), 34200 + choose(3600, 'confirmed at', meeting_no), 'ls_fs_disposition', 'confirmed'
    from agreed_meetings
    where draw('confirmed', meeting_no) < 0.9
    union all
    select person_no, verdict_day, 66000, 'ls_fs_disposition', case when is_opportunity then 'valid' else 'invalid' end
    from meeting_verdicts
    where draw('judged', meeting_no) < 0.85
    union all
    select person_no, verdict_day, 66060, 'ls_return_reason', (['no_need', 'no_budget', 'information_only', 'wrong_person', 'next_budget'])[choose(5, 'invalid reason', meeting_no) + 1]
    from meeting_verdicts
    where draw('judged', meeting_no) < 0.85 and not is_opportunity
),
-- One value a moment; nothing is answered before the record is there or after the last day.
timed as (
    select answers.person_no, moment(answers.day_no, answers.second_no) as answered_at, answers.name, min(answers.value) as value
    from answers
    inner join people on people.person_no = answers.person_no
    where answers.day_no between people.created_day and getvariable('day_count') - 1
    group by all
)
select * from timed
order by person_no, answered_at, name;

create table last_answers as
select
    person_no,
    max_by(value, answered_at) filter (where name = 'ls_return_reason') as return_reason,
    max_by(value, answered_at) filter (where name = 'ls_disposition') as disposition,
    max_by(value, answered_at) filter (where name = 'ls_fs_disposition') as fs_disposition
from sales_answers
group by person_no;
