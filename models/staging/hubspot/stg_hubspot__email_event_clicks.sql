with

raw_email_event_clicks as (

    {{ raw_rows('hubspot', 'email_event_click', ['id', 'url', 'user_agent', 'ip_address']) }}

),

renamed as (

    select
        raw_email_event_clicks.id as email_event_id,
        raw_email_event_clicks.url,
        raw_email_event_clicks.user_agent,
        raw_email_event_clicks.ip_address

    from raw_email_event_clicks

)

select * from renamed
