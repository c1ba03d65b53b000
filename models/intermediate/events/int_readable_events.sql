{%- set properties = event_property_types().keys() | map('replace', '"', '""') | list -%}
{%- set columns = ['lead_id', 'visitor_id', 'email', 'event_id', 'event_type'] -%}
{%- for property in properties -%}
    {%- do columns.append('"' ~ property ~ '"') -%}
{%- endfor -%}
{%- do columns.extend(['is_automated', 'occurred_at_text', 'event_date', 'occurred_at']) -%}
{{ config(materialized='view') }}
with

events as (
    {{ union_sources('events', columns) }}
),

readable as (

    select
        events.*,
        {{ event_part('events.occurred_at_text') }} as event_part,
        {{ bucket_hash('events.event_id') }} as event_id_hash,
        {{ event_signature_hash('events') }} as signature_hash

    from events

    where
        (
            events.lead_id is not null
            or events.visitor_id is not null
            or events.email is not null
        )
        and events.event_type is not null
        and events.event_date is not null

)

select * from readable
