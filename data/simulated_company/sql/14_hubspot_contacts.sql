-- Raw tables of HubSpot: contacts, what of them changed, merges, forms and lists.

create table person_records as
select person_no, record_no as second_no, kind as second_kind, row_state as second_state, created_day as second_from, merged_day as second_until
from second_records;

create table written_contacts as
with joined as (
    select
        contact_records.record_no,
        contact_records.kind as record_kind,
        contact_records.row_state,
        contact_records.created_day as record_created_day,
        contact_records.merged_day,
        people.*,
        people_named.last_name,
        people_named.first_name,
        people_named.kana,
        people_named.email,
        companies.domain,
        companies.phone as company_phone,
        companies.prefecture_ja,
        companies.country_text as company_country,
        companies.owner_no,
        companies.company_no is not null as has_company,
        coalesce(
            case when draw('at variant', contact_records.record_no) < 0.35 then company_variants.record_no end,
            companies.company_no
        ) as company_record_no,
        person_deals.deal_count,
        person_deals.won_count,
        person_deals.won_day,
        person_deals.first_deal_day,
        person_deals.open_count,
        person_deals.last_closed_day,
        person_deals.first_open_day,
        consents_in_force.unsubscribed_day,
        consents_in_force.left_day,
        consents_in_force.do_not_contact_day,
        returned_leads.returned_day,
        returned_leads.recontact_day,
        asked.asked_day,
        draw('title', contact_records.record_no) as title_draw,
        draw('association', contact_records.record_no) as association_draw
    from contact_records
    inner join people on people.person_no = contact_records.person_no
    inner join people_named on people_named.person_no = contact_records.person_no
    inner join consents_in_force on consents_in_force.person_no = contact_records.person_no
    left join companies on companies.company_no = people.company_no
    left join company_variants on company_variants.company_no = people.company_no
    left join person_deals on person_deals.person_no = contact_records.person_no
    left join returned_leads on returned_leads.person_no = contact_records.person_no
    left join asked on asked.person_no = contact_records.person_no
)
select
    joined.*,
    job_titles.job_title as plain_title,
    company_records.written_name
from joined
left join job_titles on job_titles.language = case when joined.is_foreign then 'en' else 'ja' end
    and job_titles.job_level = joined.job_level
    and job_titles.word_no = floor(draw('title word', joined.record_no) * job_titles.word_count)
left join company_records on company_records.record_no = joined.company_record_no;

create macro full_width(written_text) as (
    translate(written_text, '0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ ', '０１２３４５６７８９－ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ　')
);

create macro inquiry_type(record_no) as (['product', 'price'])[choose(2, 'inquiry', record_no) + 1];

create view hubspot.contact as
select
    contact_id(record_no) as id,
    (row_state = 'deleted')::text as _fivetran_deleted,
    case when row_state = 'deleted' then written(moment(least(548, coalesce(merged_day, greatest(record_created_day, 0) + 30)), 64800)) else synced_at() end as _fivetran_synced,
    -- The second record of an address is often typed by hand.
    case when record_kind <> 'main' and record_no % 3 = 0 then upper(left(email, 1)) || substr(email, 2) else email end as property_email,
    case
        when kind = 'staff' and person_no % 2 = 0 then 'テスト株式会社'
        when kind = 'student' then '学生'
        when kind = 'private' and person_no % 9 = 0 then '個人事業'
        when draw('company written', record_no) < 0.9 then written_name
    end as property_company,
    case when kind = 'staff' and person_no % 2 = 0 then '太郎' else first_name end as property_firstname,
    case
        when kind = 'staff' and person_no % 2 = 0 then 'テスト'
        when record_no % 97 = 0 then last_name || '　'
        else last_name
    end as property_lastname,
    null::text as property_email_1,
    written(moment(record_created_day, 32400 + choose(36000, 'record created', record_no))) as property_createdate,
    case
        when kind = 'student' then '学生'
        when job_level = 'unknown' and title_draw < 0.55 then null
        when kind in ('private', 'staff') then null
        when record_kind <> 'main' and record_no % 2 = 0 then null
        when draw('department in title', record_no) < 0.25 and not is_foreign and department_ja is not null then department_ja || ' ' || plain_title
        when record_no % 83 = 0 then '　' || full_width(plain_title)
        else plain_title
    end as property_jobtitle,
    case when draw('department known', record_no) < 0.6 then case when is_foreign then department_en else department_ja end end as property_department,
    null::text as property_annualrevenue,
    case
        when record_kind = 'main' and person_records.second_kind = 'merged_in_ids_only' then contact_id(person_records.second_no)
        when record_kind = 'main' and person_records.second_kind = 'merged_in_audit' and record_no % 2 = 0
            then contact_id(person_records.second_no) || ';' || (900000000 + record_no)::text
    end as property_hs_merged_object_ids,
    written(moment(record_created_day, 32400 + choose(36000, 'record created', record_no))) as property_created_at,
    null::text as property_first_conversion_date,
    case
        when kind in ('student', 'private') and draw('own phone', record_no) < 0.2 then '090-0000-' || lpad((record_no % 10000)::text, 4, '0')
        when not has_company then null
        when draw('phone known', record_no) < 0.35 then company_phone
        when draw('phone known', record_no) < 0.60 then '090-0000-' || lpad((record_no % 10000)::text, 4, '0')
        when draw('phone known', record_no) < 0.63 then full_width('090-0000-' || lpad((record_no % 10000)::text, 4, '0'))
    end as property_phone,
    case when has_company and association_draw < 0.86 then company_id(company_record_no) end as property_associatedcompanyid,
    case when unsubscribed_day is not null then 'true' when record_no % 2 = 0 then 'false' end as property_hs_email_optout,
    case when do_not_contact_day is not null then 'true' end as property_do_not_contact,
    case when record_kind = 'main' then printf('owner_m%02d', coalesce(owner_no, owner_of(record_no))) end as property_hubspot_owner_id,
    case
        when won_count > 0 then 'customer'
        when open_count > 0 then 'opportunity'
        when asked_day is not null then 'salesqualifiedlead'
        when role in ('evaluator', 'reader') and record_no % 3 = 0 then 'marketingqualifiedlead'
        when kind = 'private' then 'subscriber'
        else 'lead'
    end as property_lifecyclestage,
    case
        when returned_day is not null then 'BAD_TIMING'
        when open_count > 0 then 'OPEN_DEAL'
        when asked_day >= 540 then 'NEW'
        when asked_day is not null then lead_status(record_no)
    end as property_hs_lead_status,
    case
        when record_kind = 'main' then last_answers.return_reason
        when returned_day is not null then 'too_early'
    end as property_ls_return_reason,
    case when returned_day is not null then (getvariable('first_date') + recontact_day)::text end as property_ls_recontact_date,
    case
        when kind = 'vendor_pitch' then 'vendor_pitch'
        when kind = 'student' and record_no % 2 = 0 then 'recruiting'
        when asked_day is not null then inquiry_type(record_no)
        when relation = 'partner' then 'partner'
    end as property_inquiry_type,
    case when has_company and not is_foreign and draw('contact state', record_no) < 0.5 then prefecture_ja end as property_state,
    case when is_foreign or draw('contact country', record_no) < 0.4 then company_country end as property_country,
    case when pipeline_id = 'partner' and relation = 'prospect' then 'partner' when record_created_day in (361, 543) and card_no is not null then 'marketing' end as property_created_by_role,
    case when card_no is not null then 'OFFLINE' else (['ORGANIC_SEARCH', 'DIRECT_TRAFFIC', 'PAID_SEARCH', 'EMAIL_MARKETING', 'REFERRALS'])[choose(5, 'origin', person_no) + 1] end as property_hs_analytics_source,
    kana as property_name_kana,
    -- Three columns that are filled after a deal was won, or only because there is one.
    deal_count::text as property_num_associated_deals,
    case when won_count > 0 and draw('onboarding', person_no) < 0.85 then 'true' end as property_onboarding_contact,
    case when won_count > 0 then (won_day - first_deal_day)::text end as property_days_to_close,
    case when record_kind = 'main' then last_answers.disposition end as property_ls_disposition,
    case when record_kind = 'main' then last_answers.fs_disposition end as property_ls_fs_disposition
from written_contacts
left join last_answers using (person_no)
left join person_records using (person_no)
left join (select person_no, pipeline_id from deals where pipeline_id = 'partner') as partner_deals using (person_no)
where row_state <> 'gone'
order by record_no;

-- A history ends with what the contact holds now; nothing changes before its record is there.
create table contact_changes as
with states as (
    select
        *,
        case when kind = 'private' then 'subscriber' else 'lead' end as first_stage,
        case when role in ('evaluator', 'reader') and record_no % 3 = 0 then least(548, greatest(record_created_day, 0) + 10 + choose(60, 'qualified on', record_no)) end as qualified_day,
        -- All deals are lost: what was asked since begins anew.
        coalesce(open_count, 0) = 0 and coalesce(won_count, 0) = 0 and deal_count > 0 as is_all_lost,
        coalesce(returned_day, first_open_day, 9999) as settled_day
    from written_contacts
),
changes as (
    select record_no, record_created_day, unsubscribed_day as day_no, 43200 as second_no, 'hs_email_optout' as name, 'true' as value from states where unsubscribed_day is not null
    union all
    select record_no, record_created_day, record_created_day, 32400, 'hs_email_optout', 'false' from states where record_no % 2 = 0
    union all
    select record_no, record_created_day, do_not_contact_day, 43200, 'do_not_contact', 'true' from states where do_not_contact_day is not null
    union all
    select record_no, record_created_day, record_created_day, 32400, 'lifecyclestage', first_stage from states
    union all
    select record_no, record_created_day, qualified_day, 39600, 'lifecyclestage', 'marketingqualifiedlead' from states
    where qualified_day < coalesce(least(asked_day, first_deal_day), 9999)
    union all
    select record_no, record_created_day, asked_day, 41400, 'lifecyclestage', 'salesqualifiedlead' from states
    where asked_day < coalesce(first_deal_day, 9999) or (is_all_lost and asked_day > last_closed_day)
    union all
    select record_no, record_created_day, first_deal_day, 43200, 'lifecyclestage', 'opportunity' from states where first_deal_day is not null
    union all
    select record_no, record_created_day, won_day, 61200, 'lifecyclestage', 'customer' from states where won_day is not null
    union all
    select record_no, record_created_day, last_closed_day, 64800, 'lifecyclestage',
        case when asked_day <= greatest(last_closed_day, record_created_day) then 'salesqualifiedlead' when qualified_day is not null then 'marketingqualifiedlead' else first_stage end
    from states where is_all_lost
    union all
    select record_no, record_created_day, asked_day, 41400, 'hs_lead_status', 'NEW' from states where asked_day < settled_day
    union all
    select record_no, record_created_day, asked_day + 3, 50400, 'hs_lead_status', lead_status(record_no) from states where asked_day < 540 and asked_day + 3 < settled_day
    union all
    select record_no, record_created_day, first_open_day, 57600, 'hs_lead_status', 'OPEN_DEAL' from states where first_open_day is not null and returned_day is null
    union all
    select record_no, record_created_day, asked_day, 41400, 'inquiry_type', inquiry_type(record_no) from states
    where asked_day is not null and kind <> 'vendor_pitch' and not (kind = 'student' and record_no % 2 = 0)
    union all
    select record_no, record_created_day, returned_day, 61200, 'hs_lead_status', 'BAD_TIMING' from states where returned_day is not null
    union all
    select record_no, record_created_day, returned_day, 61200, 'ls_return_reason', 'too_early' from states where returned_day is not null and record_kind <> 'main'
    union all
    select record_no, record_created_day, returned_day, 61200, 'ls_recontact_date', (getvariable('first_date') + recontact_day)::text from states where returned_day is not null
)
select record_no, moment(greatest(day_no, record_created_day), second_no) as changed_at, name, value
from changes
union all
select person_no, answered_at, name, value from sales_answers;

create view hubspot.contact_property_history as
select
    contact_id(record_no) as contact_id,
    written(changed_at) as timestamp,
    synced_at() as _fivetran_synced,
    'CRM_UI' as source,
    name,
    value,
    null::text as source_id
from contact_changes
order by record_no, changed_at, name, value;

create view hubspot.contact_merge_audit as
select
    contact_id(person_no) as canonical_vid,
    contact_id(person_no) as contact_id,
    contact_id(record_no) as vid_to_merge,
    written(moment(merged_day, 64800)) as _fivetran_synced,
    null::text as entity_id,
    null::text as first_name,
    null::text as last_name,
    '2' as num_properties_moved,
    written(moment(merged_day, 64800)) as timestamp,
    '501' as user_id
from second_records
where kind = 'merged_in_audit'
order by record_no;

create view hubspot.form as
select
    guid,
    'POST' as action,
    written(moment(-400, 36000)) as created_at,
    null::text as css_class,
    'HUBSPOT' as form_type,
    'POST' as method,
    name,
    '4727653' as portal_id,
    '/thanks' as redirect,
    'Submit' as submit_text,
    written(moment(-400, 36000)) as updated_at,
    'false' as _fivetran_deleted,
    synced_at() as _fivetran_synced
from forms
order by guid;

create view hubspot.contact_form_submission as
select
    contact_id(record_on(filled_forms.person_no, second_no, second_from, second_until, day_no, draw('record', form_fill_no))) as contact_id,
    filled_forms.guid as form_id,
    written(filled_at) as timestamp,
    id_of('form', form_fill_no) as conversion_id,
    null::text as page_id,
    'https://www.kakehashi.example' || forms.path as page_url,
    '4727653' as portal_id,
    forms.name as title,
    synced_at() as _fivetran_synced
from filled_forms
inner join forms on forms.guid = filled_forms.guid
left join person_records on person_records.person_no = filled_forms.person_no
order by filled_at, form_fill_no;

-- Lists: one an occasion, one an answer, and some that mean nothing.
create table lists as
with listed as (
    select 1000 + occasion_no as list_no, case kind when 'webinar' then 'ウェビナー参加 ' when 'seminar' then 'セミナー来場 ' else '展示会 ' end || name as name, day_no from occasions
    union all
    select 1100 + occasion_no, 'ウェビナー申込 ' || name, day_no - 30 from occasions where kind = 'webinar'
    union all
    select 1200 + occasion_no * 4 + answer_no, 'アンケート ' || name || ' 導入時期:' || answer, day_no
    from occasions cross join (values (0, '3か月以内'), (1, '6か月以内'), (2, '1年以内'), (3, '未定')) as answers (answer_no, answer)
    where kind = 'exhibition'
    union all
    select 2000, 'メルマガ配信リスト', -400
    union all
    select 2001, '既存顧客', -400
    union all
    select 2002, '失注リスト', -400
)
select * from listed;

create view hubspot.contact_list as
select
    list_no::text as id,
    'false' as _fivetran_deleted,
    synced_at() as _fivetran_synced,
    written(moment(day_no, 36000)) as created_at,
    written(moment(day_no, 36000)) as updated_at,
    name,
    '501' as created_by_id,
    '0-1' as object_type_id,
    'COMPLETE' as processing_status,
    case when list_no >= 2000 then 'DYNAMIC' else 'MANUAL' end as processing_type,
    '1' as list_version,
    null::text as filters_updated_at
from lists
order by list_no;

create table list_members as
select person_no, 1000 + occasion_no as list_no, moment(day_no + 1, 36000) as added_at from webinar_attendance where has_attended
union all
select person_no, 1100 + occasion_no, moment(registered_day, 36000 + choose(20000, 'registered at', attendance_no)) from webinar_attendance where kind = 'webinar'
union all
select exhibition_cards.person_no, 1000 + occasions.occasion_no, moment(exhibition_cards.imported_day, 37800)
from exhibition_cards inner join occasions on occasions.kind = 'exhibition' and occasions.day_no = exhibition_cards.day_no
union all
select exhibition_cards.person_no, 1200 + occasions.occasion_no * 4 + case answer when '3か月以内' then 0 when '6か月以内' then 1 when '1年以内' then 2 else 3 end, moment(exhibition_cards.imported_day, 37800)
from exhibition_cards inner join occasions on occasions.kind = 'exhibition' and occasions.day_no = exhibition_cards.day_no
where answer is not null
union all
select person_no, 2000, moment(greatest(created_day, 0), 64800) from people where kind = 'business' and has_email
union all
select person_no, 2001, moment(greatest(created_day, 0), 64800) from people where relation = 'customer';

create view hubspot.contact_list_member as
select
    contact_id(list_members.person_no) as contact_id,
    list_no::text as contact_list_id,
    'false' as _fivetran_deleted,
    synced_at() as _fivetran_synced,
    written(added_at) as added_at
from list_members
order by list_no, list_members.person_no;
