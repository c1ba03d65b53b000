{%- set columns = ['lead_id', 'grade', 'route', 'is_scored', 'valid_from'] -%}
with

published_scores as (

    select * from {{ ref('int_published_scores') }}

),

score_periods as (

    select * from {{ ref('int_score_periods') }}

),

leads as (

    select * from {{ ref('int_leads') }}

),

known_rows as (

    select
        {{ column_list(columns, 'published_scores') }}

    from published_scores

    union all

    select
        {{ column_list(columns, 'score_periods') }}

    from score_periods

),

compared as (

    select
        leads.lead_key,
        {{ column_list(columns, 'known_rows') }},
        lag(known_rows.valid_from) over lead_rows as previous_from,
        lag(known_rows.is_scored) over lead_rows as previous_is_scored,
        lag(known_rows.grade) over lead_rows as previous_grade

    from known_rows

    inner join leads
        on known_rows.lead_id = leads.lead_id

    window lead_rows as (partition by known_rows.lead_id order by known_rows.valid_from)

),

-- Points move far more often than grades.
changed as (

    select
        compared.*,
        lead(compared.valid_from) over (
            partition by compared.lead_key order by compared.valid_from
        ) as valid_to

    from compared

    where
        compared.previous_from is null
        or compared.is_scored <> compared.previous_is_scored
        or not ({{ is_same_value('compared.grade', 'compared.previous_grade') }})

),

grade_periods as (

    select
        changed.lead_id,
        changed.grade,
        changed.route,
        changed.lead_key,
        changed.valid_from,
        changed.valid_to

    from changed

    where changed.is_scored

)

select * from grade_periods
