-- Days of the 18 months and two more, numbered from 0, in the business time zone (UTC + 9 hours),
-- and how busy they are. On a holiday nobody does anything.
set variable calendar_count = (getvariable('day_count') + 60);

create table days as
select
    day_no::integer as day_no,
    (getvariable('first_date') + day_no::integer)::date as calendar_date,
    case
        when holidays.holiday_date is not null then 0
        when isodow(getvariable('first_date') + day_no::integer) = 6 then 2
        when isodow(getvariable('first_date') + day_no::integer) = 7 then 1
        -- Budgets are written from October to January.
        when month(getvariable('first_date') + day_no::integer) in (10, 11, 12, 1) then 27
        else 20
    end as busyness
from range(0, getvariable('calendar_count')) as numbers (day_no)
left join (
    select distinct cast(holiday_date as date) as holiday_date
    from seed('handoff/business_holidays')
) as holidays
    on holidays.holiday_date = (getvariable('first_date') + day_no::integer)::date
order by day_no;

-- Every day as often as it is busy, and the place of every day's first copy, one more at the end.
set variable busy_days = (
    select list(day_no order by day_no, copy_no)
    from days, range(busyness) as repeated (copy_no)
);
set variable first_places = (
    select list(place order by day_no)
    from (
        select day_no, coalesce(sum(busyness) over (order by day_no rows between unbounded preceding and 1 preceding), 0)::integer as place
        from days
        union all
        select getvariable('calendar_count'), sum(busyness)::integer from days
    )
);

-- A busy day on or after from_day and before until_day; null if it lies past the 18 months, or no
-- day between them is a busy one. What would happen later is thus left out and not crowded in.
create macro place_of(day_no) as (
    getvariable('first_places')[greatest(0, least(day_no, getvariable('calendar_count')))::integer + 1]
);
create macro any_busy_day(from_day, until_day, drawn) as (
    case
        when place_of(until_day) > place_of(from_day) then
            getvariable('busy_days')[
                place_of(from_day) + floor(drawn * (place_of(until_day) - place_of(from_day)))::integer + 1
            ]
    end
);
create macro busy_day(from_day, until_day, drawn) as (
    case
        when any_busy_day(from_day, until_day, drawn) < getvariable('day_count')
            then any_busy_day(from_day, until_day, drawn)
    end
);

-- Seconds of the day in office hours, with a dip at noon and some evenings.
create macro office_second(drawn) as (
    case
        when drawn < 0.42 then 32400 + floor(drawn / 0.42 * 10800)
        when drawn < 0.90 then 46800 + floor((drawn - 0.42) / 0.48 * 18000)
        when drawn < 0.97 then 64800 + floor((drawn - 0.90) / 0.07 * 14400)
        else 43200 + floor((drawn - 0.97) / 0.03 * 3600)
    end::integer
);

-- A moment of a business day in UTC.
create macro moment(day_no, second_no) as (
    getvariable('first_date')::timestamp + to_seconds(day_no::bigint * 86400 + second_no::bigint - 32400)
);
create macro written(moment_at) as (strftime(moment_at, '%Y-%m-%d %H:%M:%S'));
