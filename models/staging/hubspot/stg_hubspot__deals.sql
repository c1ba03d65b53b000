with

source as (
    {{ raw_rows('hubspot', 'deal', [
        'deal_id', 'deal_pipeline_id', 'deal_pipeline_stage_id', 'owner_id', '_fivetran_deleted',
        '_fivetran_synced', 'is_deleted', 'property_amount', 'property_closed_lost_reason',
        'property_closed_won_reason', 'property_closedate', 'property_createdate',
        'property_dealname', 'property_dealstage', 'property_dealtype', 'property_hs_is_closed',
        'property_hs_is_closed_won', 'property_hs_merged_object_ids',
        'property_hs_primary_associated_company', 'property_hubspot_owner_id', 'property_pipeline',
    ]) }}
),

renamed as (

    select
        source.deal_id,
        coalesce(source.deal_pipeline_id, source.property_pipeline) as pipeline_id,
        coalesce(source.deal_pipeline_stage_id, source.property_dealstage) as stage_id,
        coalesce(source.owner_id, source.property_hubspot_owner_id) as owner_id,
        source.property_hs_primary_associated_company as associated_company_id,
        source.property_hs_merged_object_ids as merged_object_ids,
        source.property_dealname as deal_name,
        source.property_dealtype as deal_type,
        source.property_closed_lost_reason as closed_lost_reason,
        source.property_closed_won_reason as closed_won_reason,
        {{ parse_amount('source.property_amount') }} as amount,
        coalesce(try_cast(source._fivetran_deleted as boolean), false)
        or coalesce(try_cast(source.is_deleted as boolean), false) as is_deleted,
        try_cast(source.property_hs_is_closed as boolean) as is_closed,
        try_cast(source.property_hs_is_closed_won as boolean) as is_closed_won,
        {{ parse_day('source.property_createdate') }} as created_date,
        {{ parse_timestamp('source.property_createdate') }} as created_at,
        {{ parse_day('source.property_closedate') }} as close_date,
        {{ parse_timestamp('source.property_closedate') }} as close_at,
        {{ parse_timestamp('source._fivetran_synced') }} as synced_at

    from source

)

select * from renamed
