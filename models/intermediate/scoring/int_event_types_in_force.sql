with

rules as (

    select * from {{ ref('int_rules') }}

),

event_types as (

    select * from {{ ref('event_types') }}

),

-- No rule looks further back than the longest window of its event type; empty is no limit.
windows as (

    select
        event_types.event_type,
        case
            when count(*) = count(rules.window_days) then max(rules.window_days)
        end as window_days

    from rules

    inner join event_types
        on rules.event_type = event_types.event_type

    where rules.applies_to = 'event'

    group by event_types.event_type

)

select * from windows
