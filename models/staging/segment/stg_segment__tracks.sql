{%- set columns = [
    'id', 'anonymous_id', 'user_id', 'event', 'context_page_path', 'context_user_agent',
    'context_ip', 'timestamp', 'received_at',
] -%}
{%- for property in event_property_types() -%}
    {%- set column = property.removeprefix('event.') -%}
    {%- if column not in columns -%}
        {%- do columns.append(column) -%}
    {%- endif -%}
{%- endfor -%}
with

raw_tracks as (

    {{ raw_rows('segment', 'tracks', columns) }}

),

dated_tracks as (

    select
        raw_tracks.*,
        coalesce(raw_tracks.timestamp, raw_tracks.received_at) as occurred_at_text

    from raw_tracks

),

renamed as (

    select
        dated_tracks.id as track_id,
        dated_tracks.anonymous_id,
        dated_tracks.user_id,
        dated_tracks.event,
        dated_tracks.context_page_path,
        dated_tracks.context_user_agent as user_agent,
        dated_tracks.context_ip as ip_address,
        dated_tracks.occurred_at_text,
        {%- for property in event_property_types() %}
        {{ quoted(property.removeprefix('event.')) }} as {{ quoted(property) }},
        {%- endfor %}
        {{ parse_timestamp('dated_tracks.occurred_at_text') }} as occurred_at

    from dated_tracks

)

select * from renamed
