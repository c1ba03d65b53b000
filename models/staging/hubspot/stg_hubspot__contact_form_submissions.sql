with

raw_form_submissions as (

    {{ raw_rows('hubspot', 'contact_form_submission', [
        'conversion_id', 'contact_id', 'form_id', 'page_url', 'title', 'timestamp',
    ]) }}

),

renamed as (

    select
        raw_form_submissions.conversion_id,
        raw_form_submissions.contact_id,
        raw_form_submissions.form_id,
        raw_form_submissions.page_url,
        raw_form_submissions.title,
        raw_form_submissions.timestamp as submitted_at_text,
        {{ parse_timestamp('raw_form_submissions.timestamp') }} as submitted_at

    from raw_form_submissions

)

select * from renamed
