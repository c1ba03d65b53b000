with

lifecycle as (

    select * from {{ ref('fct_lead_lifecycle') }}

),

lifecycle_stages as (

    select * from {{ ref('lifecycle_stages') }}

),

exits as (

    select distinct
        stage_id,
        is_exit

    from {{ ref('int_lifecycle_entries') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

-- Up to the scored day, so that a month that is running compares with whole ones.
months as (

    select
        dates.month_start_date as month_start,
        min(dates.fiscal_year) as fiscal_year,
        min(dates.fiscal_half) as fiscal_half,
        min(dates.fiscal_quarter) as fiscal_quarter,
        min(dates.fiscal_month) as fiscal_month,
        cast(
            sum(
                case
                    when dates.is_business_day and dates.date_day <= {{ as_of_date() }} then 1
                    else 0
                end
            ) as integer
        ) as business_day_count,
        max(dates.date_day) <= {{ as_of_date() }} as is_complete

    from dates

    group by dates.month_start_date

),

stages as (

    select
        lifecycle_stages.stage_id,
        lifecycle_stages.sort_order,
        coalesce(exits.is_exit, false) as is_exit

    from lifecycle_stages

    left join exits
        on lifecycle_stages.stage_id = exits.stage_id

),

-- Whoever went further without a stop has passed the stages between.
furthest as (

    select
        lifecycle.lead_id,
        lifecycle.cycle_number,
        max(case when not lifecycle.is_exit then lifecycle.sort_order end) as furthest_order

    from lifecycle

    group by
        lifecycle.lead_id,
        lifecycle.cycle_number

),

entered as (

    select
        lifecycle.lead_id,
        lifecycle.cycle_number,
        lifecycle.stage_id,
        lifecycle.motion,
        lifecycle.grade,
        lifecycle.entry_channel,
        lifecycle.sort_order,
        lifecycle.is_exit,
        furthest.furthest_order,
        cast({{ dbt.date_trunc('month', 'lifecycle.valid_from') }} as date) as month_start,
        lifecycle.valid_from

    from lifecycle

    inner join furthest
        on
            lifecycle.lead_id = furthest.lead_id
            and lifecycle.cycle_number = furthest.cycle_number

    where lifecycle.valid_from is not null

),

followed as (

    select
        entered.month_start,
        entered.stage_id,
        stages.stage_id as reached_stage_id,
        entered.motion,
        entered.grade,
        entered.entry_channel,
        case
            when stages.stage_id = entered.stage_id then true
            when stages.is_exit then reached.stage_id is not null
            else entered.furthest_order >= stages.sort_order
        end as is_reached,
        {{ dbt.datediff('entered.valid_from', 'reached.valid_from', 'day') }} as day_count

    from entered

    inner join stages
        on
            entered.stage_id = stages.stage_id
            or (
                not entered.is_exit
                and (stages.is_exit or entered.sort_order < stages.sort_order)
            )

    left join lifecycle as reached
        on
            entered.lead_id = reached.lead_id
            and entered.cycle_number = reached.cycle_number
            and stages.stage_id = reached.stage_id

),

funnel as (

    select
        followed.month_start,
        followed.stage_id,
        followed.reached_stage_id,
        followed.motion,
        followed.grade,
        followed.entry_channel,
        months.fiscal_year,
        months.fiscal_half,
        months.fiscal_quarter,
        months.fiscal_month,
        months.business_day_count,
        cast(count(*) as integer) as lead_count,
        cast(sum(case when followed.is_reached then 1 else 0 end) as integer) as reached_count,
        cast(
            sum(case when followed.is_reached then 1 else 0 end) / cast(count(*) as double)
            as decimal(7, 6)
        ) as reached_share,
        cast(count(*) / cast(nullif(months.business_day_count, 0) as double) as decimal(12, 4))
            as leads_per_business_day,
        cast({{ median('followed.day_count') }} as decimal(12, 1)) as median_days,
        months.is_complete as is_month_complete,
        {{ as_of_date() }} as as_of_date

    from followed

    inner join months
        on followed.month_start = months.month_start

    group by
        followed.month_start,
        followed.stage_id,
        followed.reached_stage_id,
        followed.motion,
        followed.grade,
        followed.entry_channel,
        months.fiscal_year,
        months.fiscal_half,
        months.fiscal_quarter,
        months.fiscal_month,
        months.business_day_count,
        months.is_complete

)

select * from funnel
