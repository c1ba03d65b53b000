with

source as (
    {{ raw_rows('hubspot', 'deal_pipeline', [
        'pipeline_id', 'label', 'active', '_fivetran_deleted', '_fivetran_synced',
    ]) }}
),

renamed as (

    select
        source.pipeline_id,
        source.label as pipeline_name,
        coalesce(try_cast(source.active as boolean), true) as is_active,
        coalesce(try_cast(source._fivetran_deleted as boolean), false) as is_deleted,
        {{ parse_timestamp('source._fivetran_synced') }} as synced_at

    from source

)

select * from renamed
