with

raw_identifies as (

    {{ raw_rows('segment', 'identifies', [
        'id', 'anonymous_id', 'user_id', 'hubspot_contact_id', 'email', 'first_name',
        'last_name', 'name', 'phone', 'company', 'title', 'timestamp', 'received_at',
    ]) }}

),

dated_identifies as (

    select
        raw_identifies.*,
        coalesce(
            raw_identifies.timestamp,
            raw_identifies.received_at
        ) as occurred_at_text

    from raw_identifies

),

renamed as (

    select
        dated_identifies.id as identify_id,
        dated_identifies.anonymous_id,
        dated_identifies.user_id,
        dated_identifies.hubspot_contact_id,
        dated_identifies.email,
        dated_identifies.first_name,
        dated_identifies.last_name,
        dated_identifies.name as full_name,
        dated_identifies.phone,
        dated_identifies.company as company_name,
        dated_identifies.title as job_title,
        dated_identifies.occurred_at_text,
        {{ parse_timestamp('dated_identifies.occurred_at_text') }} as occurred_at

    from dated_identifies

)

select * from renamed
