{%- set columns = [
    'engagement_id', 'property_hubspot_owner_id', 'property_hs_call_direction',
    'property_hs_call_disposition', 'disposition', 'property_hs_activity_type',
    'property_call_outcome', 'property_hs_call_duration', 'duration_milliseconds',
    'property_hs_timestamp', 'property_hs_createdate', '_fivetran_deleted',
] -%}
{%- for property in event_property_types() -%}
    {%- set column = 'property_' ~ property.removeprefix('event.') -%}
    {%- if column not in columns -%}
        {%- do columns.append(column) -%}
    {%- endif -%}
{%- endfor -%}
with

raw_calls as (

    {{ raw_rows('hubspot', 'engagement_call', columns) }}

),

dated_calls as (

    select
        raw_calls.*,
        coalesce(
            raw_calls.property_hs_timestamp,
            raw_calls.property_hs_createdate
        ) as occurred_at_text

    from raw_calls

),

renamed as (

    select
        dated_calls.engagement_id,
        dated_calls.property_hubspot_owner_id as owner_id,
        dated_calls.property_hs_call_direction as direction,
        coalesce(dated_calls.property_hs_call_disposition, dated_calls.disposition) as disposition,
        dated_calls.property_hs_activity_type as activity_type,
        dated_calls.property_call_outcome as call_outcome,
        dated_calls.occurred_at_text,
        {%- for property in event_property_types() %}
        {{ quoted('property_' ~ property.removeprefix('event.')) }} as {{ quoted(property) }},
        {%- endfor %}
        try_cast(
            coalesce(
                dated_calls.property_hs_call_duration,
                dated_calls.duration_milliseconds
            )
            as bigint
        ) as duration_milliseconds,
        coalesce(try_cast(dated_calls._fivetran_deleted as boolean), false) as is_deleted,
        {{ parse_timestamp('dated_calls.property_hs_createdate') }} as created_at,
        {{ parse_timestamp('dated_calls.occurred_at_text') }} as occurred_at

    from dated_calls

)

select * from renamed
