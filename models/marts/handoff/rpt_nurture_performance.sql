with

nurture_periods as (

    select * from {{ ref('int_nurture_periods') }}

),

grade_periods as (

    select * from {{ ref('int_lead_grade_periods') }}

    where route = 'sales'

),

handoffs as (

    select * from {{ ref('fct_handoffs') }}

    where handoff_kind = 'handoff'

),

programs as (

    select * from {{ ref('nurture_programs') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

months as (

    select
        dates.month_start_date as month_start,
        min(dates.fiscal_year) as fiscal_year,
        min(dates.fiscal_half) as fiscal_half,
        min(dates.fiscal_quarter) as fiscal_quarter,
        max(dates.date_day) <= {{ as_of_date() }} as is_complete

    from dates

    group by dates.month_start_date

),

labels as (

    select
        programs.program_id,
        min(programs.label_en) as label_en,
        min(programs.label_ja) as label_ja

    from programs

    group by programs.program_id

),

ready as (

    select distinct
        nurture_periods.lead_key,
        nurture_periods.program_id,
        nurture_periods.started_date

    from nurture_periods

    inner join grade_periods
        on
            nurture_periods.lead_key = grade_periods.lead_key
            and nurture_periods.started_date < grade_periods.valid_from
            and (
                nurture_periods.ended_date is null
                or nurture_periods.ended_date >= grade_periods.valid_from
            )

),

handed as (

    select
        nurture_periods.lead_key,
        nurture_periods.program_id,
        nurture_periods.started_date,
        max(case when handoffs.is_hand_raise then 1 else 0 end) as hand_raise_count

    from nurture_periods

    inner join handoffs
        on
            nurture_periods.lead_id = handoffs.lead_id
            and nurture_periods.started_date < handoffs.crossed_date
            and (
                nurture_periods.ended_date is null
                or nurture_periods.ended_date >= handoffs.crossed_date
            )

    group by
        nurture_periods.lead_key,
        nurture_periods.program_id,
        nurture_periods.started_date

),

-- By the month of entry: what became of those who entered then.
followed as (

    select
        cast({{ dbt.date_trunc('month', 'nurture_periods.started_date') }} as date) as month_start,
        nurture_periods.program_id,
        nurture_periods.ended_date is null as is_running,
        ready.lead_key is not null as is_ready,
        handed.lead_key is not null as is_handed,
        coalesce(handed.hand_raise_count, 0) as hand_raise_count,
        {{ dbt.datediff(
            'nurture_periods.started_date',
            'coalesce(nurture_periods.ended_date, ' ~ as_of_date() ~ ')',
            'day'
        ) }} as day_count

    from nurture_periods

    left join ready
        on
            nurture_periods.lead_key = ready.lead_key
            and nurture_periods.program_id = ready.program_id
            and nurture_periods.started_date = ready.started_date

    left join handed
        on
            nurture_periods.lead_key = handed.lead_key
            and nurture_periods.program_id = handed.program_id
            and nurture_periods.started_date = handed.started_date

),

performance as (

    select
        followed.month_start,
        followed.program_id,
        labels.label_en,
        labels.label_ja,
        months.fiscal_year,
        months.fiscal_half,
        months.fiscal_quarter,
        cast(count(*) as integer) as entered_count,
        cast(sum(case when followed.is_running then 1 else 0 end) as integer) as running_count,
        cast(sum(case when followed.is_ready or followed.is_handed then 1 else 0 end) as integer)
            as ready_count,
        cast(sum(case when followed.is_handed then 1 else 0 end) as integer) as handed_off_count,
        cast(sum(followed.hand_raise_count) as integer) as hand_raise_count,
        cast(
            sum(case when followed.is_handed then 1 else 0 end) / cast(count(*) as double)
            as decimal(7, 6)
        ) as handed_off_share,
        cast({{ median('followed.day_count') }} as decimal(12, 1)) as median_days,
        months.is_complete as is_month_complete,
        {{ as_of_date() }} as as_of_date

    from followed

    left join labels
        on followed.program_id = labels.program_id

    left join months
        on followed.month_start = months.month_start

    group by
        followed.month_start,
        followed.program_id,
        labels.label_en,
        labels.label_ja,
        months.fiscal_year,
        months.fiscal_half,
        months.fiscal_quarter,
        months.is_complete

)

select * from performance
