with

hours as (

    select * from {{ ref('business_hours') }}

),

holidays as (

    select * from {{ ref('business_holidays') }}

),

-- From the year ten years back to two years after D: further than anything that is due.
bounds as (

    select
        cast({{ dbt.date_trunc('year', dbt.dateadd('year', -10, as_of_date())) }} as date)
            as first_day,
        cast({{ dbt.dateadd('year', 2, as_of_date()) }} as date) as last_day

),

spine as (

    {{ day_spine('bounds', 'first_day', 'last_day') }}

),

-- Each interval at its own place, so that on the day of a change of clocks it has its true length.
intervals as (

    select
        hours.calendar_id,
        spine.date_day as period_date,
        {{ local_to_utc(at_time_of_day('spine.date_day', 'hours.opens_at'), 'hours.time_zone') }}
            as opens_at,
        {{ local_to_utc(at_time_of_day('spine.date_day', 'hours.closes_at'), 'hours.time_zone') }}
            as closes_at

    from spine

    inner join hours
        on cast(extract(isodow from spine.date_day) as integer) = hours.weekday

    left join holidays
        on
            hours.calendar_id = holidays.calendar_id
            and spine.date_day = holidays.holiday_date

    where holidays.holiday_date is null

),

-- Intervals about an hour that clocks skip may overlap: time counts once.
preceded as (

    select
        intervals.calendar_id,
        intervals.period_date,
        intervals.opens_at,
        intervals.closes_at,
        max(intervals.closes_at) over (
            partition by intervals.calendar_id
            order by intervals.opens_at, intervals.closes_at, intervals.period_date
            rows between unbounded preceding and 1 preceding
        ) as previous_closes_at

    from intervals

),

opened as (

    select
        preceded.calendar_id,
        preceded.period_date,
        greatest(
            preceded.opens_at, coalesce(preceded.previous_closes_at, preceded.opens_at)
        ) as opens_at,
        preceded.closes_at

    from preceded

),

measured as (

    select
        opened.calendar_id,
        opened.period_date,
        opened.opens_at,
        opened.closes_at,
        {{ dbt.datediff('opened.opens_at', 'opened.closes_at', 'minute') }} as period_minutes

    from opened

    where opened.opens_at < opened.closes_at

),

periods as (

    select
        measured.calendar_id,
        measured.period_date,
        measured.opens_at,
        measured.closes_at,
        cast(
            sum(measured.period_minutes) over (
                partition by measured.calendar_id
                order by measured.opens_at
                rows between unbounded preceding and current row
            ) - measured.period_minutes as bigint
        ) as minutes_before

    from measured

)

select * from periods
