{{ config(materialized='view') }}
with

lead_filter_days as (

    select * from {{ ref('int_lead_filter_days') }}

),

-- Several rules may share a tally; it is needed on the days of any of them.
tallies as (

    select
        event_tallies.tally_key,
        event_tallies.filter_key,
        event_tallies.decay,
        event_tallies.window_days,
        event_tallies.factor_limit,
        event_tallies.decay_days,
        event_tallies.decay_percent,
        case
            when count(*) = count(event_tallies.valid_from) then min(event_tallies.valid_from)
        end as valid_from,
        case
            when count(*) = count(event_tallies.valid_to) then max(event_tallies.valid_to)
        end as valid_to

    from {{ ref('int_event_tallies') }} as event_tallies

    group by
        event_tallies.tally_key,
        event_tallies.filter_key,
        event_tallies.decay,
        event_tallies.window_days,
        event_tallies.factor_limit,
        event_tallies.decay_days,
        event_tallies.decay_percent

),

-- How many days of each list lie in the window; null is no list to look at.
counted as (

    select
        lead_filter_days.*,
        tallies.tally_key,
        tallies.decay,
        tallies.factor_limit,
        tallies.decay_days,
        tallies.decay_percent,
        case
            when tallies.window_days is null then {{ item_count('lead_filter_days.event_days') }}
            else
                {{ count_after(
                    'lead_filter_days.event_days',
                    '(lead_filter_days.as_of_day - tallies.window_days)'
                ) }}
        end - lead_filter_days.first_position + 1 as event_count,
        case
            when lead_filter_days.earlier_position is not null
                then greatest(
                    0,
                    case
                        when tallies.window_days is null
                            then {{ item_count('lead_filter_days.earlier_days') }}
                        else
                            {{ count_after(
                                'lead_filter_days.earlier_days',
                                '(lead_filter_days.as_of_day - tallies.window_days)'
                            ) }}
                    end - lead_filter_days.earlier_position + 1
                )
        end as known_count

    from lead_filter_days

    inner join tallies
        on
            lead_filter_days.filter_key = tallies.filter_key
            and {{ is_in_force('tallies', 'lead_filter_days.as_of_date') }}

),

summed as (

    select
        counted.lead_key,
        counted.tally_key,
        counted.event_count,
        case
            when counted.decay <> 'none' then
                {{ sum_of_factors(
                    'counted.event_days',
                    'counted.first_position',
                    'least(counted.event_count, '
                    ~ 'coalesce(counted.factor_limit, counted.event_count))',
                    'counted.as_of_day',
                    'counted.decay',
                    'counted.decay_days',
                    'counted.decay_percent'
                ) }}
        end as factor_sum,
        counted.known_count,
        case
            when counted.decay <> 'none' and counted.known_count > 0 then
                {{ sum_of_factors(
                    'counted.earlier_days',
                    'counted.earlier_position',
                    'least(counted.known_count, '
                    ~ 'coalesce(counted.factor_limit, counted.known_count))',
                    'counted.as_of_day',
                    'counted.decay',
                    'counted.decay_days',
                    'counted.decay_percent'
                ) }}
        end as known_factor_sum,
        {{ item_at('counted.event_days', 'counted.first_position') }} as last_event_day,
        counted.is_current,
        counted.as_of_date

    from counted

    where counted.event_count > 0

)

select * from summed
