with

handoffs as (

    select * from {{ ref('fct_handoffs') }}

    where handoff_kind = 'handoff'

),

sales_teams as (

    select * from {{ ref('sales_teams') }}

),

sales_members as (

    select * from {{ ref('sales_members') }}

),

owners as (

    select * from {{ ref('int_owners') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

business_periods as (

    select * from {{ ref('int_business_periods') }}

),

business_hours as (

    select * from {{ ref('business_hours') }}

),

called as (

    select
        handoffs.*,
        coalesce(sales_teams.calendar_id, {{ text_literal(var('business_calendar')) }})
            as calendar_id,
        cast({{ dbt.date_trunc('month', 'handoffs.crossed_date') }} as date) as month_start

    from handoffs

    left join sales_teams
        on handoffs.team_id = sales_teams.team_id

),

attempt_requests as (

    select
        called.handoff_id as request_key,
        called.calendar_id,
        called.crossed_at as from_at,
        called.first_attempt_at as until_at

    from called

    where called.first_attempt_at is not null

),

attempt_minutes as (

    {{ business_minutes_between('attempt_requests') | indent(4) }}

),

talk_requests as (

    select
        called.handoff_id as request_key,
        called.calendar_id,
        called.crossed_at as from_at,
        called.first_conversation_at as until_at

    from called

    where called.first_conversation_at is not null

),

talk_minutes as (

    {{ business_minutes_between('talk_requests') | indent(4) }}

),

-- Capacity is said for a week: for a month it is so many weeks as the month has business days.
weeks as (

    select
        business_hours.calendar_id,
        count(distinct business_hours.weekday) as day_count

    from business_hours

    group by business_hours.calendar_id

),

month_days as (

    select
        business_periods.calendar_id,
        cast({{ dbt.date_trunc('month', 'business_periods.period_date') }} as date) as month_start,
        count(distinct business_periods.period_date) as day_count

    from business_periods

    where business_periods.period_date <= {{ as_of_date() }}

    group by
        business_periods.calendar_id,
        cast({{ dbt.date_trunc('month', 'business_periods.period_date') }} as date)

),

fiscal_months as (

    select
        dates.month_start_date as month_start,
        min(dates.fiscal_year) as fiscal_year,
        min(dates.fiscal_half) as fiscal_half,
        min(dates.fiscal_quarter) as fiscal_quarter,
        max(dates.date_day) <= {{ as_of_date() }} as is_complete

    from dates

    group by dates.month_start_date

),

member_capacities as (

    select
        sales_members.crm_owner_id as owner_id,
        sales_members.team_id,
        month_days.month_start,
        max(sales_members.weekly_capacity * month_days.day_count / cast(weeks.day_count as double))
            as capacity

    from sales_members

    inner join sales_teams
        on sales_members.team_id = sales_teams.team_id

    inner join weeks
        on sales_teams.calendar_id = weeks.calendar_id

    inner join month_days
        on sales_teams.calendar_id = month_days.calendar_id

    where
        (
            sales_members.valid_from is null
            or sales_members.valid_from
            < cast({{ dbt.dateadd('month', 1, 'month_days.month_start') }} as date)
        )
        and (sales_members.valid_to is null or sales_members.valid_to > month_days.month_start)

    group by
        sales_members.crm_owner_id,
        sales_members.team_id,
        month_days.month_start

),

counted as (

    select
        called.month_start,
        called.handoff_stage,
        called.motion,
        called.service_level_id,
        called.team_id,
        called.owner_id,
        called.calendar_id,
        count(*) as handoff_count,
        sum(case when called.is_hand_raise then 1 else 0 end) as hand_raise_count,
        sum(case when called.first_attempt_at is not null then 1 else 0 end) as attempted_count,
        count(called.is_attempt_late) as attempt_due_count,
        sum(case when not called.is_attempt_late then 1 else 0 end) as attempt_in_time_count,
        sum(case when called.verdict is not null then 1 else 0 end) as verdict_count,
        count(called.is_verdict_late) as verdict_due_count,
        sum(case when not called.is_verdict_late then 1 else 0 end) as verdict_in_time_count,
        sum(case when called.is_open then 1 else 0 end) as open_count,
        {{ median('attempt_minutes.business_minutes') }} as median_attempt_minutes,
        avg(attempt_minutes.business_minutes) as average_attempt_minutes,
        {{ median('talk_minutes.business_minutes') }} as median_conversation_minutes

    from called

    left join attempt_minutes
        on called.handoff_id = attempt_minutes.request_key

    left join talk_minutes
        on called.handoff_id = talk_minutes.request_key

    group by
        called.month_start,
        called.handoff_stage,
        called.motion,
        called.service_level_id,
        called.team_id,
        called.owner_id,
        called.calendar_id

),

service_levels as (

    select
        counted.month_start,
        counted.service_level_id,
        counted.team_id,
        counted.owner_id,
        counted.handoff_stage,
        counted.motion,
        owners.owner_name,
        fiscal_months.fiscal_year,
        fiscal_months.fiscal_half,
        fiscal_months.fiscal_quarter,
        cast(counted.handoff_count as integer) as handoff_count,
        cast(counted.hand_raise_count as integer) as hand_raise_count,
        cast(counted.attempted_count as integer) as attempted_count,
        cast(counted.attempt_due_count as integer) as attempt_due_count,
        cast(counted.attempt_in_time_count as integer) as attempt_in_time_count,
        cast(
            counted.attempt_in_time_count / cast(nullif(counted.attempt_due_count, 0) as double)
            as decimal(7, 6)
        ) as attempt_in_time_share,
        cast(counted.verdict_count as integer) as verdict_count,
        cast(counted.verdict_due_count as integer) as verdict_due_count,
        cast(counted.verdict_in_time_count as integer) as verdict_in_time_count,
        cast(
            counted.verdict_in_time_count / cast(nullif(counted.verdict_due_count, 0) as double)
            as decimal(7, 6)
        ) as verdict_in_time_share,
        cast(counted.open_count as integer) as open_count,
        cast(counted.median_attempt_minutes as decimal(12, 1)) as median_attempt_minutes,
        cast(counted.average_attempt_minutes as decimal(12, 1)) as average_attempt_minutes,
        cast(counted.median_conversation_minutes as decimal(12, 1)) as median_conversation_minutes,
        cast(
            counted.handoff_count / cast(nullif(month_days.day_count, 0) as double)
            as decimal(12, 4)
        ) as handoffs_per_business_day,
        cast(member_capacities.capacity as decimal(12, 1)) as owner_capacity,
        fiscal_months.is_complete as is_month_complete,
        {{ as_of_date() }} as as_of_date

    from counted

    left join fiscal_months
        on counted.month_start = fiscal_months.month_start

    left join month_days
        on
            counted.calendar_id = month_days.calendar_id
            and counted.month_start = month_days.month_start

    left join member_capacities
        on
            counted.owner_id = member_capacities.owner_id
            and counted.team_id = member_capacities.team_id
            and counted.month_start = member_capacities.month_start

    left join owners
        on counted.owner_id = owners.owner_id

)

select * from service_levels
