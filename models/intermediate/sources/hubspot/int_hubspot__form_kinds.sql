with

submissions as (

    select * from {{ ref('stg_hubspot__contact_form_submissions') }}

),

forms as (

    select * from {{ ref('stg_hubspot__forms') }}

),

form_patterns as (

    select * from {{ ref('forms') }}

),

names as (

    select distinct
        coalesce(submissions.form_id, '') as form_id,
        coalesce(submissions.title, '') as title,
        coalesce(forms.form_name, '') as form_name

    from submissions

    left join forms
        on submissions.form_id = forms.form_id

),

-- What the form is called says more than the page it stands on; `default` is for the rest.
matched as (

    select
        names.form_id,
        names.title,
        form_patterns.form_kind,
        form_patterns.content_kind,
        form_patterns.event_type,
        form_patterns.product,
        row_number() over (
            partition by names.form_id, names.title
            order by
                case
                    when form_patterns.match = 'default' then 3
                    when {{ matches_name('names.form_name', 'form_patterns') }} then 1
                    else 2
                end,
                form_patterns.priority,
                form_patterns.match,
                form_patterns.pattern,
                names.form_name
        ) as row_rank

    from names

    inner join form_patterns
        on
            {{ matches_name('names.form_name', 'form_patterns') }}
            or {{ matches_name('names.title', 'form_patterns') }}

    where form_patterns.source = 'hubspot'

),

kinds as (

    select
        matched.form_id,
        matched.title,
        matched.form_kind,
        matched.content_kind,
        matched.event_type,
        matched.product

    from matched

    where matched.row_rank = 1

)

select * from kinds
