with

raw_email_events as (

    {{ raw_rows('hubspot', 'email_event', [
        'id', 'email_campaign_id', 'sent_by_id', 'type', 'recipient', 'filtered_event',
        'created', 'sent_by_created',
    ]) }}

),

renamed as (

    select
        raw_email_events.id as email_event_id,
        raw_email_events.email_campaign_id,
        raw_email_events.sent_by_id,
        raw_email_events.type,
        raw_email_events.recipient,
        raw_email_events.created as created_at_text,
        coalesce(try_cast(raw_email_events.filtered_event as boolean), false) as is_filtered,
        {{ parse_timestamp('raw_email_events.created') }} as created_at,
        {{ parse_timestamp('raw_email_events.sent_by_created') }} as sent_at

    from raw_email_events

)

select * from renamed
