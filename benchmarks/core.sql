-- The twenty base rules by hand, on the events as the scoring models read them: it knows its rules and
-- keeps numbers per lead and rule, and the score; no seeds, names, stamp, reasons or grades.
create table core_points as
with

classed as (

    select
        lead_key,
        case event_type
            when 'page_viewed' then
                case
                    when starts_with("event.page_path", '/pricing') then 1
                    when contains("event.page_path", '/product') then 2
                    when contains("event.page_path", '/customers') then 3
                    else 4
                end
            when 'form_submitted' then case when "event.form_kind" = 'demo' then 5 end
            when 'document_downloaded' then
                case
                    when "event.content_kind" = 'price_list' then 6
                    when "event.content_kind" <> 'template' then 7
                end
            when 'visit_started' then 8
            when 'email_clicked' then 9
            when 'webinar_attended' then 10
            when 'seminar_attended' then 11
            when 'call_connected' then 12
            when 'email_opened' then 13
            when 'webinar_registered' then 14
            when 'exhibition_visited' then 15
            when 'trial_started' then 16
            when 'video_watched' then 17
            when 'email_unsubscribed' then 18
        end as class,
        cast('$last_day' as date) - event_date as age
    from warehouse.intermediate.int_lead_events

),

gathered as (

    select lead_key * 32 + class as key, list_sort(list(cast(age as integer))) as ages
    from classed
    where class is not null and age >= 0
    group by lead_key * 32 + class

),

rules (rule, class, group_number, points, counted, needed, days, decay) as (

    values
    (0, 1, 0, 1, 1, 1, null, 'none'),
    (1, 5, 1, 2, 4, 1, 30, 'linear'),
    (2, 6, 2, 3, null, 1, 90, 'exponential'),
    (3, 8, 3, 4, 1, 1, 180, 'none'),
    (4, 9, 4, 5, null, 1, 365, 'linear'),
    (5, 2, 5, 6, 8, 1, 60, 'exponential'),
    (6, 10, 6, 7, 1, 3, null, 'none'),
    (7, 11, 7, 8, 10, 1, 30, 'none'),
    (8, 12, 0, 9, null, 1, 90, 'exponential'),
    (9, 13, 1, 1, 1, 1, 180, 'none'),
    (10, 3, 2, 2, null, 1, 365, 'none'),
    (11, 14, 3, 3, 6, 1, 60, 'linear'),
    (12, 15, 4, 4, 1, 1, null, 'none'),
    (13, 16, 5, 5, 8, 3, null, 'none'),
    (14, 17, 6, 6, null, 1, 90, 'linear'),
    (15, 18, 7, -10, 1, 1, 180, 'exponential'),
    (16, 1, 0, 8, null, 1, 365, 'none'),
    (16, 2, 0, 8, null, 1, 365, 'none'),
    (16, 3, 0, 8, null, 1, 365, 'none'),
    (16, 4, 0, 8, null, 1, 365, 'none'),
    (17, 5, 1, 9, 4, 1, 60, 'linear'),
    (18, 7, 2, 1, 1, 1, null, 'exponential'),
    (19, 8, 3, 2, 6, 1, null, 'none')

),

windowed as (

    select
        key // 32 as lead_key,
        rules.*,
        case
            when days is null then ages
            else list_filter(ages, lambda age: age < days)
        end as ages
    from gathered
    inner join rules on key % 32 = class

)

select
    lead_key,
    rule,
    group_number,
    points * least(len(ages), coalesce(counted, len(ages))) as undecayed,
    round(points * case decay
        when 'none' then least(len(ages), coalesce(counted, len(ages)))
        when 'linear' then list_sum(list_transform(
            ages[1:coalesce(counted, len(ages))],
            lambda age: greatest(0, 1 - 0.25e0 * (age // 30))
        ))
        else list_sum(list_transform(
            ages[1:coalesce(counted, len(ages))], lambda age: pow(0.5e0, age / 30e0)
        ))
    end, 2) as decayed
from windowed
where len(ages) >= needed;

create table core_scores as
select lead_key, least(100, greatest(0, sum(group_points))) as score
from (
    select lead_key, least(60, greatest(-40, sum(decayed))) as group_points
    from core_points
    group by lead_key, group_number
) as limited
group by lead_key;
