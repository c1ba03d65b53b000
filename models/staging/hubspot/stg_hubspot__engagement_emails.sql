with

raw_emails as (

    {{ raw_rows('hubspot', 'engagement_email', [
        'engagement_id', 'property_hubspot_owner_id', 'property_hs_email_direction',
        'property_hs_email_subject', 'property_hs_timestamp', 'property_hs_createdate',
        '_fivetran_deleted',
    ]) }}

),

dated_emails as (

    select
        raw_emails.*,
        coalesce(
            raw_emails.property_hs_timestamp,
            raw_emails.property_hs_createdate
        ) as occurred_at_text

    from raw_emails

),

renamed as (

    select
        dated_emails.engagement_id,
        dated_emails.property_hubspot_owner_id as owner_id,
        dated_emails.property_hs_email_direction as direction,
        dated_emails.property_hs_email_subject as subject,
        dated_emails.occurred_at_text,
        coalesce(try_cast(dated_emails._fivetran_deleted as boolean), false) as is_deleted,
        {{ parse_timestamp('dated_emails.property_hs_createdate') }} as created_at,
        {{ parse_timestamp('dated_emails.occurred_at_text') }} as occurred_at

    from dated_emails

)

select * from renamed
