{%- set columns = relation_columns(source('file', 'events')) -%}
with

source as (

    select
        *,
        {{ source_row_number() }} as source_row_number

    from {{ source('file', 'events') }}

),

renamed as (

    select
        source.lead_id,
        source.event_id,
        source.event_type,
        source.occurred_at as occurred_at_text,
        {%- for property in event_property_types() %}
        {%- set column = property.removeprefix('event.') %}
        {{ first_known([column] if column in columns else [], 'source') }} as {{ quoted(property) }},
        {%- endfor %}
        source.source_row_number,
        {{ parse_day('source.occurred_at') }} as event_date,
        {{ parse_timestamp('source.occurred_at') }} as occurred_at

    from source

)

select * from renamed
