with

rule_set as (

    select * from {{ ref('int_rule_set') }}

),

events as (

    select max(event_date) as data_through

    from {{ ref('int_events') }}

    where event_date <= {{ as_of_date() }}

),

stamp as (

    select
        rule_set.rule_set_id,
        {{ is_provisional() }} as is_provisional,
        {{ as_of_date() }} as as_of_date,
        events.data_through

    from rule_set

    cross join events

)

select * from stamp
