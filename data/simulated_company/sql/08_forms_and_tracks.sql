-- Forms that people sent, what else they did on the website, and how visitors became known.

create table filled_forms as
with chances as (
    select
        people.person_no,
        people.role,
        people.kind as person_kind,
        people.peak_day,
        people.created_day,
        people.is_foreign,
        people.relation,
        forms.guid,
        forms.kind,
        people.person_no * 32 + forms.form_no as form_fill_no,
        case people.role
            when 'buyer' then buyer_per_mille
            when 'evaluator' then evaluator_per_mille
            when 'reader' then reader_per_mille
            else dormant_per_mille
        end as per_mille
    from people
    inner join forms
        -- Who reads Japanese takes the Japanese form; for papers there is one form only.
        on forms.kind not in ('demo', 'product_inquiry') or forms.is_english = people.is_foreign
    where people.kind <> 'staff'
),
wanted as (
    select
        *,
        case
            when person_kind = 'vendor_pitch' then kind = 'product_inquiry'
            when person_kind = 'student' and kind = 'recruiting' then draw('form', form_fill_no) < 0.4
            -- Customers ask for help, and some of them for a second product.
            when relation = 'customer' and kind = 'support' then draw('form', form_fill_no) < 0.25
            else draw('form', form_fill_no) < per_mille / 1000.0
        end as is_filled,
        draw('form day', form_fill_no) as day_draw
    from chances
),
dated as (
    select
        *,
        case
            when role in ('buyer', 'evaluator') and kind in ('demo', 'quotation', 'product_inquiry', 'price_list', 'approval_template', 'roi_sheet')
                then busy_day(peak_day - 12, peak_day + 9, day_draw)
            when role in ('buyer', 'evaluator') then busy_day(peak_day - 40, peak_day + 6, day_draw)
            when draw('form soon', form_fill_no) < 0.6 then busy_day(created_day, created_day + 20, day_draw)
            else busy_day(created_day, 549, day_draw)
        end as day_no
    from wanted
    where is_filled
)
select
    form_fill_no,
    person_no,
    guid,
    kind,
    day_no,
    moment(day_no, office_second(draw('form time', form_fill_no))) as filled_at
from dated
where day_no is not null
order by form_fill_no;

-- People who had stopped the mailings and ask for a demo all the same.
create table unsubscribed_askers as
select person_no, first_asked_day
from (
    select
        filled_forms.person_no,
        min(filled_forms.day_no) as first_asked_day,
        row_number() over (order by draw('unsubscribed asker', filled_forms.person_no), filled_forms.person_no) as place
    from filled_forms
    inner join people on people.person_no = filled_forms.person_no
    inner join people_named on people_named.person_no = people.person_no
    where filled_forms.kind = 'demo' and people.has_email and people_named.mailbox is null
    group by filled_forms.person_no
    having min(filled_forms.day_no) > 40
)
where place <= scaled(60);

create table consents_in_force as
select
    consents.person_no,
    coalesce(unsubscribed_askers.first_asked_day - 20, consents.unsubscribed_day) as unsubscribed_day,
    case when unsubscribed_askers.person_no is null then consents.left_day end as left_day,
    case when unsubscribed_askers.person_no is null then consents.do_not_contact_day end as do_not_contact_day
from consents
left join unsubscribed_askers on unsubscribed_askers.person_no = consents.person_no;

create table tracks as
with drawn as (
    select *, draw('track', session_no) as track_draw, draw('track detail', session_no) as detail_draw
    from sessions
    where kind <> 'bot'
),
named as (
    select
        *,
        case
            when mood = 'customer' then case when track_draw < 0.8 then 'product_opened' end
            -- A trial is curiosity as often as need: it says nothing about winning.
            when mood = 'evaluating' and kind = 'person' and track_draw < 0.022 then 'trial_started'
            when mood = 'evaluating' and track_draw < 0.036 then 'chat_started'
            when track_draw > 0.975 then 'video_watched'
            when track_draw > 0.955 then 'document_downloaded'
            when track_draw > 0.895 then 'cta_clicked'
            when track_draw > 0.865 then 'form_viewed'
        end as event
    from drawn
)
select
    session_no as track_no,
    visitor_no,
    person_no,
    day_no,
    moment(day_no, first_second + 30) as tracked_at,
    event,
    case when event = 'document_downloaded' then
        case when detail_draw < 0.55 then 'template' when detail_draw < 0.85 then 'white_paper' else 'case_study' end end as content_kind,
    case when event = 'video_watched' then printf('%.2f', 0.05 + 0.95 * detail_draw) end as watched_share,
    null::text as purchase_months
from named
where event is not null;

-- A visitor becomes known by a form, or by a link in a mail that carries the address. Of shared
-- devices, a second person signs in later.
create table shared_devices as
select visitor_no, person_no, other_person_no, switched_day
from (
    select
        visitors.visitor_no,
        visitors.person_no,
        visitors.person_no + 1 as other_person_no,
        250 + choose(200, 'device switch', visitors.visitor_no) as switched_day,
        row_number() over (order by draw('shared device', visitors.visitor_no), visitors.visitor_no) as place
    from visitors
    inner join people on people.person_no = visitors.person_no + 1
    inner join people_named on people_named.person_no = people.person_no
    where visitors.kind = 'person' and visitors.device_no = 2 and people.kind = 'business'
        and people_named.email is not null and people_named.mailbox is null
)
where place <= scaled(50);

create table identifies as
select
    filled_forms.form_fill_no as identify_no,
    filled_forms.person_no::bigint as visitor_no,
    filled_forms.person_no,
    filled_forms.day_no,
    filled_forms.filled_at + interval 2 second as identified_at,
    'form' as origin
from filled_forms
where draw('identify', filled_forms.form_fill_no) < 0.85
union all
select
    100000000000 + sessions.session_no,
    sessions.visitor_no,
    sessions.person_no,
    sessions.day_no,
    moment(sessions.day_no, sessions.first_second + 1),
    case when sessions.mood = 'customer' then 'product' else 'mail link' end
from sessions
inner join people on people.person_no = sessions.person_no
where sessions.kind = 'person' and sessions.day_no >= people.created_day
    and draw('identify by mail', sessions.session_no) < 0.05
union all
select
    90000000000 + visitor_no,
    visitor_no,
    other_person_no,
    switched_day,
    moment(switched_day, 36000),
    'shared device'
from shared_devices
where (select busyness from days where days.day_no = switched_day) > 0
union all
-- Addresses that the CRM does not know.
select
    80000000000 + visitor_no,
    visitor_no,
    null,
    day_no,
    moment(day_no, first_second + 20),
    'unknown address'
from (
    select visitor_no, session_no, day_no, first_second
    from sessions
    where kind = 'anonymous'
    qualify row_number() over (partition by visitor_no order by session_no) = 1
)
where draw('unknown address', visitor_no) < 0.01;
