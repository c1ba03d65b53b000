-- Visits to the website: visitors, sessions and pages.

-- A person has one device, some have two; more visitors stay unknown, and some are machines.
create table visitors as
with drawn as (
    select person_no as visitor_no, person_no, 1 as device_no, 'person' as kind
    from people
    where kind <> 'staff'
    union all
    select getvariable('person_count') + person_no, person_no, 2, 'person'
    from people
    where role <> 'dormant' and kind <> 'staff' and draw('second device', person_no) < 0.35
    union all
    select 2 * getvariable('person_count') + visitor_no, null, 1, 'anonymous'
    from range(0, getvariable('person_count') * 3 // 2) as numbers (visitor_no)
    union all
    select 4 * getvariable('person_count') + visitor_no, null, 1, 'bot'
    from range(0, scaled(40)) as numbers (visitor_no)
)
select
    drawn.visitor_no::bigint as visitor_no,
    drawn.person_no,
    drawn.device_no,
    drawn.kind,
    people.role,
    people.kind as person_kind,
    people.peak_day,
    people.created_day,
    people.company_no,
    coalesce(people.relation = 'customer' and drawn.device_no = 1 and draw('product user', people.person_no) < 0.35, false) as is_product_user,
    least(6.0, 0.45 * power(1.0 - draw('visits much', drawn.visitor_no), -0.55)) * case
        when drawn.kind = 'bot' then 0.0
        when drawn.kind = 'anonymous' then 0.22
        when people.relation = 'customer' and drawn.device_no = 1 and draw('product user', people.person_no) < 0.35 then 4.0
        when drawn.device_no = 2 then 0.5
        when people.role = 'buyer' then 5.0
        when people.role = 'evaluator' then 2.6
        when people.role = 'reader' then 1.0
        else 0.15
    end as visit_weight,
    draw('sometimes', drawn.visitor_no) as sometimes_draw
from drawn
left join people on people.person_no = drawn.person_no
order by drawn.visitor_no;

-- 44 of 100 events are pages, 2.3 pages a session; machines read 4 of 100, and 8 of 100 sessions
-- would come after the last day.
set variable page_count = (getvariable('events')::bigint * 44 // 100);
set variable sessions_per_weight = (getvariable('page_count') * 0.96 / 0.92 / 2.3 / (select sum(visit_weight::decimal(18, 6))::double from visitors));

create table sessions as
with repeated as (
    select
        visitors.* exclude (visit_weight, sometimes_draw),
        visitor_no * 10000 + unnest(range(0, case when kind = 'bot'
            then getvariable('page_count') * 4 // 100 // 6 // scaled(40) + 1
            else floor(visit_weight * getvariable('sessions_per_weight') + sometimes_draw)::bigint end)) as session_no
    from visitors
),
dated as (
    select
        *,
        draw('session day', session_no) as day_draw,
        draw('session time', session_no) as time_draw,
        draw('session mood', session_no) as mood_draw,
        draw('session near peak', session_no) as near_draw,
        -- Readers come back when something moves in their company.
        greatest(created_day, floor(draw('company peak', coalesce(company_no, 1000000 + person_no)) * 590) - 20)::integer as return_day
    from repeated
),
placed as (
    select
        * exclude (day_draw, time_draw),
        time_draw,
        case
            when kind = 'bot' then choose(549, 'bot day', session_no)
            when kind = 'anonymous' then busy_day(0, 549, power(day_draw, 0.8))
            when is_product_user then busy_day(greatest(created_day, 0), 549, day_draw)
            when role in ('buyer', 'evaluator') and near_draw < 0.75 then busy_day(peak_day - 28, peak_day + 14, day_draw)
            when role in ('buyer', 'evaluator') then busy_day(created_day - 10, 549, day_draw)
            when role = 'reader' and near_draw < 0.45 then busy_day(created_day - 5, created_day + 60, day_draw)
            -- Most readers come back for some weeks and are quiet again.
            when role = 'reader' and near_draw < 0.93 then busy_day(return_day, return_day + 40, day_draw)
            when role = 'reader' then busy_day(created_day - 40, 549, day_draw)
            else busy_day(created_day - 3, created_day + 40, day_draw)
        end as day_no
    from dated
)
select
    session_no,
    visitor_no,
    person_no,
    device_no,
    kind,
    role,
    day_no,
    office_second(time_draw) as first_second,
    case
        when kind = 'bot' then 'casual'
        when is_product_user and mood_draw < 0.8 then 'customer'
        when person_kind in ('student', 'private') and mood_draw < 0.3 then 'job_seeker'
        when mood_draw > 0.99 then 'job_seeker'
        when role in ('buyer', 'evaluator') and day_no between peak_day - 28 and peak_day + 14 and mood_draw < 0.75 then 'evaluating'
        when mood_draw < 0.08 then 'evaluating'
        else 'casual'
    end as mood,
    case when kind = 'bot' then 2 + choose(9, 'bot pages', session_no)
        else least(18, 1 + floor(-ln(1.0 - draw('session length', session_no)) * 1.75)) end::integer as page_count
from placed
where day_no is not null;

create macro pick_from(paths, bits) as (paths[(bits % len(paths)::ubigint)::integer + 1]);

create table pages as
with repeated as (
    select *, unnest(range(0, page_count)) as page_place
    from sessions
)
select
    session_no * 20 + page_place as page_no,
    visitor_no,
    person_no,
    day_no,
    moment(day_no, first_second + page_place * 50 + choose(45, 'page second', session_no * 20 + page_place)) as viewed_at,
    case mood
        when 'evaluating' then pick_from(getvariable('evaluating_paths'), drawn_bits('page', session_no * 20 + page_place))
        when 'job_seeker' then pick_from(getvariable('job_seeker_paths'), drawn_bits('page', session_no * 20 + page_place))
        when 'customer' then pick_from(getvariable('customer_paths'), drawn_bits('page', session_no * 20 + page_place))
        else
            -- The drift: since August 2026 the front page has shown prices to everybody.
            case when day_no >= 457 and draw('drift', session_no * 20 + page_place) < 0.05 then '/pricing'
                else pick_from(getvariable('casual_paths'), drawn_bits('page', session_no * 20 + page_place)) end
    end as path,
    kind = 'bot' as is_bot
from repeated;
