with

targets as (

    select * from {{ ref('targets') }}

),

texts as (

    select * from {{ ref('texts') }}

),

all_stages as (

    select * from {{ ref('fct_lead_lifecycle') }}

),

deal_pipelines as (

    select * from {{ ref('deal_pipelines') }}

),

handoffs as (

    select * from {{ ref('fct_handoffs') }}

    where handoff_kind = 'handoff'

),

outcomes as (

    select * from {{ ref('fct_lead_outcomes') }}

    where
        outcome = 'won'
        and closed_date is not null

),

dates as (

    select * from {{ ref('dim_dates') }}

),

-- Plans are plans of new wins: requests of customers and leads of partners, whose deals are none,
-- count for none of them.
other_kinds as (

    select deal_pipelines.deal_kind

    from deal_pipelines

    group by deal_pipelines.deal_kind

    having not bool_or(deal_pipelines.is_new_win)

),

lifecycle as (

    select all_stages.*

    from all_stages

    left join other_kinds
        on all_stages.motion = other_kinds.deal_kind

    where other_kinds.deal_kind is null

),

months as (

    select
        dates.month_start_date as month_start,
        min(dates.fiscal_year) as fiscal_year,
        min(dates.fiscal_half) as fiscal_half,
        min(dates.fiscal_quarter) as fiscal_quarter,
        sum(case when dates.is_business_day then 1 else 0 end) as day_count,
        sum(
            case
                when dates.is_business_day and dates.date_day <= {{ as_of_date() }} then 1
                else 0
            end
        ) as past_day_count,
        max(dates.date_day) <= {{ as_of_date() }} as is_complete

    from dates

    group by dates.month_start_date

),

-- Whose hand-off led there: the last one of the lead by that day.
handed as (

    select
        lifecycle.lead_id,
        lifecycle.cycle_number,
        lifecycle.stage_id,
        lifecycle.valid_from,
        {{ value_of_first(
            'handoffs.team_id', "-" ~ day_count('handoffs.crossed_date')
        ) }} as team_id

    from lifecycle

    left join handoffs
        on
            lifecycle.lead_id = handoffs.lead_id
            and lifecycle.valid_from >= handoffs.crossed_date

    where lifecycle.valid_from is not null

    group by
        lifecycle.lead_id,
        lifecycle.cycle_number,
        lifecycle.stage_id,
        lifecycle.valid_from

),

closed as (

    select
        outcomes.lead_id,
        outcomes.deal_id,
        outcomes.closed_date,
        outcomes.outcome_weight,
        outcomes.attributed_amount,
        {{ value_of_first(
            'handoffs.team_id', "-" ~ day_count('handoffs.crossed_date')
        ) }} as team_id

    from outcomes

    left join handoffs
        on
            outcomes.lead_id = handoffs.lead_id
            and outcomes.closed_date >= handoffs.crossed_date

    group by
        outcomes.lead_id,
        outcomes.deal_id,
        outcomes.cycle_number,
        outcomes.outcome_number,
        outcomes.closed_date,
        outcomes.outcome_weight,
        outcomes.attributed_amount

),

-- A deal counts once, however many leads it has.
happened as (

    select
        cast({{ dbt.date_trunc('month', 'handed.valid_from') }} as date) as month_start,
        handed.stage_id as metric,
        handed.team_id,
        cast(1 as decimal(18, 6)) as amount

    from handed

    where handed.stage_id not in ('won', 'won_amount')

    union all

    select
        cast({{ dbt.date_trunc('month', 'closed.closed_date') }} as date) as month_start,
        'won' as metric,
        closed.team_id,
        cast(closed.outcome_weight as decimal(18, 6)) as amount

    from closed

    union all

    select
        cast({{ dbt.date_trunc('month', 'closed.closed_date') }} as date) as month_start,
        'won_amount' as metric,
        closed.team_id,
        cast(closed.attributed_amount as decimal(18, 6)) as amount

    from closed

),

actuals as (

    select
        targets.month_start,
        targets.metric,
        targets.team_id,
        coalesce(sum(happened.amount), 0) as actual

    from targets

    left join happened
        on
            targets.month_start = happened.month_start
            and targets.metric = happened.metric
            and (targets.team_id is null or targets.team_id = happened.team_id)

    group by
        targets.month_start,
        targets.metric,
        targets.team_id

),

-- Of the last year: what a win brought, and how many of those who entered a stage were won, among
-- cycles that are decided. What is still open says nothing yet.
decided as (

    select
        lifecycle.lead_id,
        lifecycle.cycle_number,
        max(case when lifecycle.is_exit then 0 else 1 end) as won_count

    from lifecycle

    where
        (lifecycle.is_exit or lifecycle.stage_id = 'won')
        and lifecycle.valid_from > cast({{ dbt.dateadd('year', -1, as_of_date()) }} as date)

    group by
        lifecycle.lead_id,
        lifecycle.cycle_number

),

win_rates as (

    select
        lifecycle.stage_id as metric,
        sum(decided.won_count) / cast(count(*) as double) as win_rate

    from lifecycle

    inner join decided
        on
            lifecycle.lead_id = decided.lead_id
            and lifecycle.cycle_number = decided.cycle_number

    group by lifecycle.stage_id

),

wins as (

    select
        sum(closed.attributed_amount) / nullif(sum(closed.outcome_weight), 0) as amount_per_win,
        count(distinct closed.lead_id) / nullif(cast(sum(closed.outcome_weight) as double), 0)
            as leads_per_win

    from closed

    where closed.closed_date > cast({{ dbt.dateadd('year', -1, as_of_date()) }} as date)

),

revenue_targets as (

    select
        targets.month_start,
        targets.team_id,
        targets.target

    from targets

    where targets.metric = 'won_amount'

),

-- From revenue back to leads: deals by what a win brings, leads by how many of them win.
compared as (

    select
        targets.month_start,
        targets.metric,
        targets.team_id,
        coalesce(texts.text_en, targets.metric) as label_en,
        coalesce(texts.text_ja, targets.metric) as label_ja,
        months.fiscal_year,
        months.fiscal_half,
        months.fiscal_quarter,
        cast(targets.target as decimal(18, 2)) as target,
        cast(
            targets.target * months.past_day_count
            / cast(nullif(months.day_count, 0) as double) as decimal(18, 2)
        ) as target_so_far,
        cast(actuals.actual as decimal(18, 2)) as actual,
        cast(
            actuals.actual / cast(nullif(targets.target, 0) as double) as decimal(12, 6)
        ) as actual_share,
        cast(
            case
                when targets.metric = 'won_amount' then revenue_targets.target
                when targets.metric = 'won'
                    then revenue_targets.target / nullif(cast(wins.amount_per_win as double), 0)
                else
                    revenue_targets.target / nullif(cast(wins.amount_per_win as double), 0)
                    * wins.leads_per_win / nullif(win_rates.win_rate, 0)
            end as decimal(18, 2)
        ) as needed_for_revenue,
        coalesce(months.is_complete, false) as is_month_complete,
        {{ as_of_date() }} as as_of_date

    from targets

    inner join actuals
        on
            targets.month_start = actuals.month_start
            and targets.metric = actuals.metric
            and {{ is_same_value('targets.team_id', 'actuals.team_id') }}

    cross join wins

    left join texts
        on texts.text_id = 'agreement_metric_' || targets.metric

    left join months
        on targets.month_start = months.month_start

    left join revenue_targets
        on
            targets.month_start = revenue_targets.month_start
            and {{ is_same_value('targets.team_id', 'revenue_targets.team_id') }}

    left join win_rates
        on targets.metric = win_rates.metric

)

select * from compared
