with

event_names as (

    select * from {{ ref('event_names') }}

),

tracks as (

    select * from {{ ref('stg_segment__tracks') }}

),

names as (

    select distinct
        'tracks' as source_table,
        'event' as field,
        coalesce(tracks.event, '') as name

    from tracks

),

matched as (

    {{ first_event_names('segment') }}

)

select * from matched
