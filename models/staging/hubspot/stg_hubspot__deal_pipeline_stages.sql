with

source as (
    {{ raw_rows('hubspot', 'deal_pipeline_stage', [
        'stage_id', 'pipeline_id', 'label', 'display_order', 'probability', 'active', 'closed_won',
        'is_closed', '_fivetran_deleted', '_fivetran_synced',
    ]) }}
),

renamed as (

    select
        source.stage_id,
        source.pipeline_id,
        source.label as stage_name,
        try_cast(source.display_order as integer) as display_order,
        {{ parse_number('source.probability') }} as win_probability,
        coalesce(try_cast(source.active as boolean), true) as is_active,
        try_cast(source.is_closed as boolean) as is_closed,
        try_cast(source.closed_won as boolean) as is_closed_won,
        coalesce(try_cast(source._fivetran_deleted as boolean), false) as is_deleted,
        {{ parse_timestamp('source._fivetran_synced') }} as synced_at

    from source

)

select * from renamed
