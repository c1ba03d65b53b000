with

raw_notes as (

    {{ raw_rows('hubspot', 'engagement_note', [
        'engagement_id', 'property_hubspot_owner_id', 'property_hs_timestamp',
        'property_hs_createdate', '_fivetran_deleted',
    ]) }}

),

dated_notes as (

    select
        raw_notes.*,
        coalesce(
            raw_notes.property_hs_timestamp,
            raw_notes.property_hs_createdate
        ) as occurred_at_text

    from raw_notes

),

renamed as (

    select
        dated_notes.engagement_id,
        dated_notes.property_hubspot_owner_id as owner_id,
        dated_notes.occurred_at_text,
        coalesce(try_cast(dated_notes._fivetran_deleted as boolean), false) as is_deleted,
        {{ parse_timestamp('dated_notes.property_hs_createdate') }} as created_at,
        {{ parse_timestamp('dated_notes.occurred_at_text') }} as occurred_at

    from dated_notes

)

select * from renamed
