{%- set columns = [
    'engagement_id', 'property_hubspot_owner_id', 'property_hs_meeting_outcome',
    'meeting_outcome', 'property_hs_meeting_location', 'property_hs_meeting_start_time',
    'start_time', 'property_hs_timestamp', 'property_hs_createdate', '_fivetran_deleted',
] -%}
{%- for property in event_property_types() -%}
    {%- set column = 'property_' ~ property.removeprefix('event.') -%}
    {%- if column not in columns -%}
        {%- do columns.append(column) -%}
    {%- endif -%}
{%- endfor -%}
with

raw_meetings as (

    {{ raw_rows('hubspot', 'engagement_meeting', columns) }}

),

dated_meetings as (

    select
        raw_meetings.*,
        coalesce(
            raw_meetings.property_hs_meeting_start_time,
            raw_meetings.start_time,
            raw_meetings.property_hs_timestamp
        ) as occurred_at_text

    from raw_meetings

),

renamed as (

    select
        dated_meetings.engagement_id,
        dated_meetings.property_hubspot_owner_id as owner_id,
        coalesce(
            dated_meetings.property_hs_meeting_outcome,
            dated_meetings.meeting_outcome
        ) as outcome,
        dated_meetings.property_hs_meeting_location as location,
        dated_meetings.property_hs_createdate as created_at_text,
        dated_meetings.occurred_at_text,
        {%- for property in event_property_types() %}
        {{ quoted('property_' ~ property.removeprefix('event.')) }} as {{ quoted(property) }},
        {%- endfor %}
        coalesce(try_cast(dated_meetings._fivetran_deleted as boolean), false) as is_deleted,
        {{ parse_timestamp('dated_meetings.property_hs_createdate') }} as created_at,
        {{ parse_timestamp('dated_meetings.occurred_at_text') }} as occurred_at

    from dated_meetings

)

select * from renamed
