with

source as (
    {{ raw_rows('hubspot', 'deal_property_history', [
        'deal_id', 'name', 'value', 'source', 'source_id', 'timestamp', '_fivetran_synced',
    ]) }}
),

renamed as (

    select
        source.deal_id,
        lower(source.name) as property_name,
        source.value as property_value,
        source.source as change_source,
        source.source_id as change_source_id,
        {{ parse_day('source.timestamp') }} as changed_date,
        {{ parse_timestamp('source.timestamp') }} as changed_at,
        {{ parse_timestamp('source._fivetran_synced') }} as synced_at

    from source

)

select * from renamed
