with

events as (

    select * from {{ ref('int_lead_events') }}

),

event_types as (

    select * from {{ ref('event_types') }}

    where
        channel = 'meeting'
        and is_activity

),

outcomes as (

    select * from {{ ref('int_lead_outcomes') }}

),

cycle_ends as (

    select * from {{ ref('int_lead_cycle_ends') }}

),

leads_with_outcomes as (

    select distinct outcomes.lead_key

    from outcomes

    where outcomes.lead_key is not null

),

meeting_days as (

    select distinct
        events.lead_key,
        events.event_date

    from events

    inner join event_types
        on events.event_type = event_types.event_type

    inner join leads_with_outcomes
        on events.lead_key = leads_with_outcomes.lead_key

    where
        events.event_date <= {{ as_of_date() }}
        and not events.is_automated

),

-- The cycle of a day: one more than had ended before it.
numbered as (

    select
        meeting_days.lead_key,
        meeting_days.event_date,
        cast(count(cycle_ends.cycle_number) + 1 as integer) as cycle_number

    from meeting_days

    left join cycle_ends
        on
            meeting_days.lead_key = cycle_ends.lead_key
            and coalesce(
                meeting_days.event_date > cycle_ends.ended_date, cycle_ends.ended_date is null
            )

    group by
        meeting_days.lead_key,
        meeting_days.event_date

),

first_meetings as (

    select
        numbered.lead_key,
        numbered.cycle_number,
        min(numbered.event_date) as meeting_date

    from numbered

    group by
        numbered.lead_key,
        numbered.cycle_number

)

select * from first_meetings
