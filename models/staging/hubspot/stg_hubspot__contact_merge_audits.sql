with

source as (
    {{ raw_rows('hubspot', 'contact_merge_audit', [
        'canonical_vid', 'contact_id', 'vid_to_merge', 'timestamp', '_fivetran_synced',
    ]) }}
),

renamed as (

    select
        source.vid_to_merge as merged_contact_id,
        coalesce(source.canonical_vid, source.contact_id) as surviving_contact_id,
        {{ parse_day('source.timestamp') }} as merged_date,
        {{ parse_timestamp('source.timestamp') }} as merged_at,
        {{ parse_timestamp('source._fivetran_synced') }} as synced_at

    from source

)

select * from renamed
