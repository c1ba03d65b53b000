{%- set columns = raw_columns('file', 'touches') -%}
with

source as (

    select
        *,
        {{ source_row_number(columns) }} as source_row_number

    from {{ raw_table('file', 'touches') }}

),

timed as (

    select
        source.*,
        {{ parse_timestamp('source.occurred_at') }} as parsed_occurred_at

    from source

),

-- Where a file gives touches no id, the row of the file names one.
renamed as (

    select
        coalesce(timed.touch_id, 'touch:' || timed.source_row_number) as touch_id,
        timed.lead_id,
        timed.company_id,
        timed.company as company_name,
        lower(timed.kind) as kind,
        timed.outcome,
        timed.owner as owner_id,
        {{ business_day('timed.parsed_occurred_at') }} as occurred_date,
        timed.parsed_occurred_at as occurred_at

    from timed

)

select * from renamed
