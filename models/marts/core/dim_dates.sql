{%- set first_month = var('fiscal_year_start_month') | int -%}
{%- set months_before = first_month - 1 -%}
{%- set fiscal_year_of_d = dbt.date_trunc(
    'year', dbt.dateadd('month', -months_before, as_of_date())
) -%}
with

leads as (

    select min(created_date) as first_date from {{ ref('int_leads') }}

),

events as (

    select min(event_date) as first_date

    from {{ ref('int_lead_events') }}

    where lead_key is not null

),

holidays as (

    select * from {{ ref('business_holidays') }}

    where calendar_id = {{ text_literal(var('business_calendar')) }}

),

weekdays as (

    select distinct business_hours.weekday

    from {{ ref('business_hours') }} as business_hours

    where business_hours.calendar_id = {{ text_literal(var('business_calendar')) }}

),

-- Whole fiscal years: from the first of the data, ten years back at most, to the one after D's.
bounds as (

    select
        cast({{ dbt.dateadd(
            'month',
            months_before,
            dbt.date_trunc('year', dbt.dateadd('month', -months_before, 'least_date.first_date'))
        ) }} as date) as first_day,
        cast({{ dbt.dateadd(
            'day', -1, dbt.dateadd('month', months_before + 24, fiscal_year_of_d)
        ) }} as date) as last_day

    from (
        select
            greatest(
                least(
                    coalesce(leads.first_date, {{ as_of_date() }}),
                    coalesce(events.first_date, {{ as_of_date() }}),
                    {{ as_of_date() }}
                ),
                cast({{ dbt.dateadd('year', -10, as_of_date()) }} as date)
            ) as first_date

        from leads

        cross join events
    ) as least_date

),

spine as (

    {{ day_spine('bounds', 'first_day', 'last_day') }}

),

parts as (

    select
        spine.date_day,
        cast(extract(year from spine.date_day) as integer) as calendar_year,
        cast(extract(month from spine.date_day) as integer) as calendar_month,
        cast(extract(isodow from spine.date_day) as integer) as iso_weekday,
        cast(
            (cast(extract(month from spine.date_day) as integer) - {{ first_month }} + 12) % 12 + 1
            as integer
        ) as fiscal_month

    from spine

),

calendar as (

    select
        parts.date_day,
        holidays.label_en as holiday_en,
        holidays.label_ja as holiday_ja,
        parts.calendar_year,
        parts.calendar_month,
        parts.iso_weekday,
        case
            when parts.calendar_month < {{ first_month }} then parts.calendar_year - 1
            else parts.calendar_year
        end as fiscal_year,
        parts.fiscal_month,
        cast(floor((parts.fiscal_month - 1) / 3) + 1 as integer) as fiscal_quarter,
        cast(floor((parts.fiscal_month - 1) / 6) + 1 as integer) as fiscal_half,
        weekdays.weekday is not null and holidays.holiday_date is null as is_business_day,
        cast({{ dbt.date_trunc('month', 'parts.date_day') }} as date) as month_start_date

    from parts

    left join holidays
        on parts.date_day = holidays.holiday_date

    left join weekdays
        on parts.iso_weekday = weekdays.weekday

)

select * from calendar
