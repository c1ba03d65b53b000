with

source as (

    select * from {{ raw_table('file', 'outcomes') }}

),

renamed as (

    select
        source.lead_id,
        lower(source.outcome) as outcome,
        source.reason,
        source.closed_at as closed_at_text,
        {{ parse_amount('source.amount') }} as amount,
        {{ parse_day('source.closed_at') }} as closed_date,
        {{ parse_timestamp('source.closed_at') }} as closed_at

    from source

)

select * from renamed
