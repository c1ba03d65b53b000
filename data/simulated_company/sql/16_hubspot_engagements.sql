-- Raw tables of HubSpot: calls, meetings, e-mails, tasks and notes, and what they hang on.

create macro engagement_id(kind_no, thing_no) as ((kind_no * 10000000000 + thing_no::bigint)::text);

create table calls as
select call_no, person_no, null::integer as company_record_no, day_no, direction, disposition, outcome, topic from outbound_calls
union all
select call_no, person_no, null, day_no, direction, disposition, outcome, topic from inbound_calls where day_no is not null
union all
select call_no, null, company_record_no, day_no, 'OUTBOUND', disposition, null, null from company_calls;

create view hubspot.engagement_call as
select
    engagement_id(1, call_no) as engagement_id,
    'false' as _fivetran_deleted,
    synced_at() as _fivetran_synced,
    written(moment(day_no, 32400 + choose(30000, 'call second', call_no))) as property_hs_createdate,
    written(moment(day_no, 32400 + choose(30000, 'call second', call_no))) as property_hs_timestamp,
    direction as property_hs_call_direction,
    case disposition
        when 'connected' then 'f240bbac-87c9-4f6e-bf70-924b57d47db7'
        when 'no_answer' then '73a0d17f-1163-4015-bdd5-ec830791da20'
        when 'busy' then '9d9162e7-6cf3-4944-bf63-4dff82258764'
        when 'left_message' then 'a4c4c377-d246-4b32-a13b-75a56a4cd0ff'
        when 'left_voicemail' then 'b2cf5968-551e-4856-9783-52b3da59a7d0'
        when 'wrong_number' then '17b47fee-58de-441e-a44c-c6300d46f273'
        else disposition
    end as property_hs_call_disposition,
    (case when disposition = 'connected' then 60000 + choose(900000, 'talked', call_no) else choose(25000, 'rang', call_no) end)::text as property_hs_call_duration,
    'COMPLETED' as property_hs_call_status,
    case when direction = 'INBOUND' then '受電' when person_no is null then '代表電話への架電' else '架電' end as property_hs_call_title,
    outcome as property_call_outcome,
    topic as property_call_topic,
    topic as property_hs_activity_type,
    printf('owner_m%02d', caller_of(call_no, day_no)) as property_hubspot_owner_id,
    'CALL' as type
from calls
order by call_no;

create view hubspot.engagement_meeting as
select
    engagement_id(2, meeting_no) as engagement_id,
    'false' as _fivetran_deleted,
    synced_at() as _fivetran_synced,
    outcome as property_hs_meeting_outcome,
    written(moment(day_no, 36000 + 1800 * choose(14, 'meeting slot', meeting_no))) as property_hs_meeting_start_time,
    written(moment(day_no, 39600 + 1800 * choose(14, 'meeting slot', meeting_no))) as property_hs_meeting_end_time,
    written(moment(day_no, 36000 + 1800 * choose(14, 'meeting slot', meeting_no))) as property_hs_timestamp,
    written(moment(greatest(0, least(548, day_no) - 3 - choose(8, 'arranged', meeting_no)), 39600 + choose(18000, 'arranged at', meeting_no))) as property_hs_createdate,
    case when location = '訪問' then '訪問商談' else 'Web商談' end as property_hs_meeting_title,
    location as property_hs_meeting_location,
    printf('owner_m%02d', caller_of(meeting_no, day_no)) as property_hubspot_owner_id,
    'MEETING' as type
from meetings
order by meeting_no;

create view hubspot.engagement_email as
select
    engagement_id(3, engagement_no) as engagement_id,
    'false' as _fivetran_deleted,
    synced_at() as _fivetran_synced,
    written(mailed_at) as property_hs_createdate,
    written(mailed_at) as property_hs_timestamp,
    direction as property_hs_email_direction,
    case when is_automatic then '[自動] お礼とご案内' when direction = 'EMAIL' then 'ご連絡' else 'Re: ご連絡' end as property_hs_email_subject,
    printf('owner_m%02d', caller_of(engagement_no // 2, day_no)) as property_hubspot_owner_id,
    'EMAIL' as type
from sales_mails
order by engagement_no;

create table tasks as
select task_no, choose(getvariable('person_count'), 'task person', task_no) as person_no, busy_day(0, 549, draw('task day', task_no)) as day_no
from range(0, scaled(2000)) as numbers (task_no);

create view hubspot.engagement_task as
select
    engagement_id(4, task_no) as engagement_id,
    'false' as _fivetran_deleted,
    synced_at() as _fivetran_synced,
    written(moment(day_no, 36000)) as property_hs_createdate,
    written(moment(day_no, 61200)) as property_hs_timestamp,
    case when task_no % 4 = 0 then 'NOT_STARTED' else 'COMPLETED' end as property_hs_task_status,
    '再架電' as property_hs_task_subject,
    printf('owner_m%02d', caller_of(task_no, day_no)) as property_hubspot_owner_id,
    'TASK' as type
from tasks
order by task_no;

create view hubspot.engagement_note as
select
    engagement_id(5, task_no) as engagement_id,
    'false' as _fivetran_deleted,
    synced_at() as _fivetran_synced,
    written(moment(day_no, 62000)) as property_hs_createdate,
    written(moment(day_no, 62000)) as property_hs_timestamp,
    '現行の運用を確認。次回の連絡時期を相談。' as property_hs_note_body,
    printf('owner_m%02d', caller_of(task_no, day_no)) as property_hubspot_owner_id,
    'NOTE' as type
from tasks
where task_no % 2 = 0
order by task_no;

create table engagements as
select engagement_id(1, call_no) as engagement_id, 'CALL' as type, person_no, company_record_no, null::integer as deal_no, day_no from calls
union all
select engagement_id(2, meeting_no), 'MEETING', person_no, null, deal_no, day_no from meetings
union all
select engagement_id(3, engagement_no), 'EMAIL', person_no, null, null, day_no from sales_mails
union all
select engagement_id(4, task_no), 'TASK', person_no, null, null, day_no from tasks
union all
select engagement_id(5, task_no), 'NOTE', person_no, null, null, day_no from tasks where task_no % 2 = 0;

create view hubspot.engagement as
select engagement_id as id, type, synced_at() as _fivetran_synced, '4727653' as portal_id
from engagements
order by engagement_id;

create view hubspot.engagement_contact as
select
    contact_id(record_on(engagements.person_no, second_no, second_from, second_until, day_no, draw('record', hash(engagement_id) >> 2))) as contact_id,
    engagement_id,
    type as engagement_type,
    '194' as type_id,
    synced_at() as _fivetran_synced,
    'HUBSPOT_DEFINED' as category
from engagements
left join person_records on person_records.person_no = engagements.person_no
where engagements.person_no is not null
order by engagement_id;

create view hubspot.engagement_company as
select
    company_id(coalesce(engagements.company_record_no, people.company_no)) as company_id,
    engagement_id,
    type as engagement_type,
    '182' as type_id,
    synced_at() as _fivetran_synced,
    'HUBSPOT_DEFINED' as category
from engagements
left join people on people.person_no = engagements.person_no
where engagements.company_record_no is not null or (people.company_no is not null and type in ('CALL', 'MEETING'))
order by engagement_id;

create view hubspot.engagement_deal as
select
    deal_id(deal_no) as deal_id,
    engagement_id,
    type as engagement_type,
    '206' as type_id,
    synced_at() as _fivetran_synced,
    'HUBSPOT_DEFINED' as category
from engagements
where deal_no is not null
order by engagement_id;
