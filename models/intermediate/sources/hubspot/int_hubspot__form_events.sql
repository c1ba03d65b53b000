{{ config(materialized='view') }}
with

submissions as (

    select * from {{ ref('stg_hubspot__contact_form_submissions') }}

),

form_kinds as (

    select * from {{ ref('int_hubspot__form_kinds') }}

),

-- Older connectors give a submission no id; contact, form and moment name it as well.
named as (

    select
        submissions.contact_id as lead_id,
        cast(null as {{ dbt.type_string() }}) as visitor_id,
        cast(null as {{ dbt.type_string() }}) as email,
        'form:' || coalesce(
            submissions.conversion_id,
            concat_ws(
                ':',
                submissions.contact_id,
                submissions.form_id,
                submissions.submitted_at_text
            )
        ) as event_id,
        form_kinds.event_type,
        submissions.submitted_at_text as occurred_at_text,
        {{ event_property_columns({
            'event.form_kind': 'form_kinds.form_kind',
            'event.content_kind': 'form_kinds.content_kind',
            'event.product': 'form_kinds.product',
            'event.page_path': url_path('submissions.page_url'),
            'event.title': 'submissions.title',
            'event.url': 'submissions.page_url',
        }) -}}
        false as is_automated,
        cast(null as bigint) as source_row_number,
        {{ business_day('submissions.submitted_at') }} as event_date,
        submissions.submitted_at as occurred_at

    from submissions

    inner join form_kinds
        on
            coalesce(submissions.form_id, '') = form_kinds.form_id
            and coalesce(submissions.title, '') = form_kinds.title

),

happened as (

    select {{ column_list(event_columns(), 'named') }}

    from named

)

select * from happened
