with

source as (
    {{ raw_rows('hubspot', 'merged_deal', ['deal_id', 'merged_deal_id', '_fivetran_synced']) }}
),

renamed as (

    select
        source.merged_deal_id,
        source.deal_id as surviving_deal_id,
        {{ parse_timestamp('source._fivetran_synced') }} as synced_at

    from source

)

select * from renamed
