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

lead_cycles as (

    select * from {{ ref('int_lead_cycles') }}

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

first_meetings as (

    select
        meeting_days.lead_key,
        lead_cycles.cycle_number,
        min(meeting_days.event_date) as meeting_date

    from meeting_days

    inner join lead_cycles
        on
            meeting_days.lead_key = lead_cycles.lead_key
            and {{ in_cycle('lead_cycles', 'meeting_days.event_date') | indent(12) }}

    group by
        meeting_days.lead_key,
        lead_cycles.cycle_number

)

select * from first_meetings
