{{ config(materialized='view') }}
with

lead_filter_ages as (

    select * from {{ ref('int_lead_filter_ages') }}

),

tallies as (

    select distinct
        tally_key,
        filter_key,
        decay,
        window_days,
        factor_limit,
        decay_days,
        decay_percent

    from {{ ref('int_event_tallies') }}

),

counted as (

    select
        lead_filter_ages.lead_key,
        tallies.tally_key,
        tallies.decay,
        tallies.factor_limit,
        tallies.decay_days,
        tallies.decay_percent,
        lead_filter_ages.ages,
        {{ count_within('lead_filter_ages.ages', 'tallies.window_days') }} as event_count

    from lead_filter_ages

    inner join tallies
        on lead_filter_ages.filter_key = tallies.filter_key

),

summed as (

    select
        counted.lead_key,
        counted.tally_key,
        counted.event_count,
        case
            when counted.decay <> 'none' then
                {{ sum_of_factors(
                    'counted.ages',
                    'least(counted.event_count, '
                    ~ 'coalesce(counted.factor_limit, counted.event_count))',
                    'counted.decay',
                    'counted.decay_days',
                    'counted.decay_percent'
                ) }}
        end as factor_sum,
        {{ first_item('counted.ages') }} as last_age_days

    from counted

    where counted.event_count > 0

)

select * from summed
