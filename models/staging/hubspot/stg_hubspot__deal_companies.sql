with

source as (
    {{ raw_rows('hubspot', 'deal_company', [
        'deal_id', 'company_id', 'category', 'type_id', '_fivetran_deleted', '_fivetran_synced',
    ]) }}
),

renamed as (

    select
        source.deal_id,
        source.company_id,
        source.type_id as association_type_id,
        source.category as association_category,
        coalesce(try_cast(source._fivetran_deleted as boolean), false) as is_deleted,
        {{ parse_timestamp('source._fivetran_synced') }} as synced_at

    from source

)

select * from renamed
