{%- set columns = raw_columns('file', 'events') -%}
with

source as (

    select
        *,
        {{ source_row_number(columns) }} as source_row_number

    from {{ raw_table('file', 'events') }}

),

timed as (

    select
        source.*,
        {{ parse_timestamp('source.occurred_at') }} as parsed_occurred_at

    from source

),

renamed as (

    select
        timed.lead_id,
        cast(null as {{ dbt.type_string() }}) as visitor_id,
        cast(null as {{ dbt.type_string() }}) as email,
        timed.event_id,
        timed.event_type,
        timed.occurred_at as occurred_at_text,
        {%- for property in event_property_types() %}
        {%- set column = property.removeprefix('event.') %}
        {{ first_known([column] if column in columns else [], 'timed') }} as {{ quoted(property) }},
        {%- endfor %}
        false as is_automated,
        timed.source_row_number,
        {{ business_day('timed.parsed_occurred_at') }} as event_date,
        timed.parsed_occurred_at as occurred_at

    from timed

)

select * from renamed
