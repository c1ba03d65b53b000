with

raw_email_event_bounces as (

    {{ raw_rows('hubspot', 'email_event_bounce', ['id', 'category', 'status']) }}

),

renamed as (

    select
        raw_email_event_bounces.id as email_event_id,
        raw_email_event_bounces.category,
        raw_email_event_bounces.status

    from raw_email_event_bounces

)

select * from renamed
