with

raw_email_event_opens as (

    {{ raw_rows('hubspot', 'email_event_open', ['id', 'user_agent', 'ip_address']) }}

),

renamed as (

    select
        raw_email_event_opens.id as email_event_id,
        raw_email_event_opens.user_agent,
        raw_email_event_opens.ip_address

    from raw_email_event_opens

)

select * from renamed
