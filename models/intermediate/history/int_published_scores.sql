{{ config(materialized='view') }}
{%- set columns = {
    'lead_id': dbt.type_string(),
    'fit_band': dbt.type_string(),
    'engagement_band': dbt.type_string(),
    'grade': dbt.type_string(),
    'temperature': dbt.type_string(),
    'route': dbt.type_string(),
    'rule_set_id': dbt.type_string(),
    'origin': dbt.type_string(),
    'other_scores': dbt.type_string(),
    'fit_score': 'decimal(12, 2)',
    'engagement_score': 'decimal(12, 2)',
    'priority': 'integer',
    'is_scored': 'boolean',
    'valid_from': 'date',
} -%}
with

rows_of_the_state as (

    {{ state_rows('published_scores', columns) | indent(4) }}

),

scored_days as (

    select * from {{ ref('int_history_days') }}

),

-- Of a day that is built anew, and of days after it, nothing is read.
published as (

    select
        {{ column_list(columns | list, 'rows_of_the_state') }}

    from rows_of_the_state

    cross join scored_days

    where
        scored_days.is_current
        and (
            rows_of_the_state.valid_from < scored_days.as_of_date
            or (rows_of_the_state.valid_from = scored_days.as_of_date and scored_days.is_recorded)
        )

)

select * from published
