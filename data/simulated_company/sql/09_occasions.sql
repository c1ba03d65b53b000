-- Webinars, seminars and exhibitions, and what was answered there.

create table webinar_attendance as
with chances as (
    select
        people.person_no,
        people.role,
        people.peak_day,
        occasions.occasion_no,
        occasions.kind,
        occasions.day_no,
        people.person_no::bigint * 64 + occasions.occasion_no as attendance_no,
        case people.role when 'buyer' then 0.03 when 'evaluator' then 0.025 when 'reader' then 0.02 else 0.004 end
        + case when abs(occasions.day_no - people.peak_day) <= 30 then case people.role when 'buyer' then 0.35 else 0.18 end else 0.0 end as chance
    from people
    cross join occasions
    where occasions.kind in ('webinar', 'seminar')
        and people.kind in ('business', 'private')
        and people.created_day < occasions.day_no - 10
)
select
    attendance_no,
    person_no,
    occasion_no,
    kind,
    day_no,
    greatest(0, day_no - 1 - choose(9, 'registered', attendance_no)) as registered_day,
    draw('attends', attendance_no) < 0.62 as has_attended,
    -- Asked afterwards by a page that the website counts.
    case when draw('attends', attendance_no) < 0.62 and kind = 'webinar' and draw('answers', attendance_no) < 0.30 then
        case
            when role in ('buyer', 'evaluator') and draw('months', attendance_no) < 0.45 then (['3', '6'])[choose(2, 'which months', attendance_no) + 1]
            when draw('months', attendance_no) < 0.08 then '6'
            when draw('months', attendance_no) < 0.7 then '12'
            else '24'
        end
    end as purchase_months
from chances
where draw('joins', attendance_no) < chance * case when kind = 'seminar' then 0.5 else 1.0 end;

-- 1,500 cards each time: mostly people nobody knew, the rest was in the CRM before.
create table exhibition_cards as
with known as (
    select
        people.person_no,
        card_numbers.card_no,
        row_number() over (partition by card_numbers.card_no order by draw_of_two('card', people.person_no, card_numbers.card_no), people.person_no) as place
    from people
    cross join (values (1, 360), (2, 542)) as card_numbers (card_no, until_day)
    where people.card_no is null and people.kind = 'business' and people.created_day < card_numbers.until_day
),
cards as (
    select person_no, card_no from people where card_no is not null
    union all
    select person_no, card_no from known
    where place <= getvariable('card_count') - getvariable('card_count') * 11 // 15
)
select
    cards.person_no,
    cards.card_no,
    case cards.card_no when 1 then 349 else 531 end as day_no,
    case cards.card_no when 1 then 361 else 543 end as imported_day,
    case
        when draw_of_two('survey', cards.person_no, cards.card_no) < 0.04 + 0.02 * (people.role in ('buyer', 'evaluator'))::integer * 5 then '3か月以内'
        when draw_of_two('survey', cards.person_no, cards.card_no) < 0.10 + 0.03 * (people.role in ('buyer', 'evaluator'))::integer * 5 then '6か月以内'
        when draw_of_two('survey', cards.person_no, cards.card_no) < 0.36 then '1年以内'
        when draw_of_two('survey', cards.person_no, cards.card_no) < 0.72 then '未定'
    end as answer
from cards
inner join people on people.person_no = cards.person_no;

insert into tracks
select
    70000000000000 + attendance_no,
    person_no::bigint,
    person_no,
    day_no,
    moment(day_no, 54000 + choose(1800, 'survey second', attendance_no)),
    'survey_answered',
    null,
    null,
    purchase_months
from webinar_attendance
where purchase_months is not null;
