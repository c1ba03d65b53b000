with

raw_email_event_status_changes as (

    {{ raw_rows('hubspot', 'email_event_status_change', [
        'id', 'portal_subscription_status', 'requested_by', 'source',
    ]) }}

),

renamed as (

    select
        raw_email_event_status_changes.id as email_event_id,
        raw_email_event_status_changes.portal_subscription_status,
        raw_email_event_status_changes.requested_by,
        raw_email_event_status_changes.source

    from raw_email_event_status_changes

)

select * from renamed
