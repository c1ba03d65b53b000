{{ config(materialized='view') }}
with

events as (
    {{ union_sources('events', ['event_id']) }}
),

-- Candidates by a hash, which is a quarter of the memory; equal hashes are told apart later.
repeated as (

    select
        events.source_name,
        {{ bucket_hash('events.event_id') }} as event_id_hash

    from events

    where events.event_id is not null

    group by
        events.source_name,
        event_id_hash

    having count(*) > 1

)

select * from repeated
