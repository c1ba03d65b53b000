{{ config(materialized='view') }}
{%- set columns = {
    'lead_id': dbt.type_string(),
    'score_id': dbt.type_string(),
    'cause': dbt.type_string(),
    'points': 'decimal(12, 2)',
    'changed_date': 'date',
} -%}
with

rows_of_the_state as (

    {{ state_rows('score_changes', columns) | indent(4) }}

),

scored_days as (

    select * from {{ ref('int_history_days') }}

),

explained_days as (

    select * from {{ ref('int_explained_days') }}

),

-- Of a day that is built anew or compared with other days than before, the new parts stand.
recorded as (

    select
        rows_of_the_state.lead_id,
        rows_of_the_state.score_id,
        rows_of_the_state.cause,
        rows_of_the_state.points,
        rows_of_the_state.changed_date

    from rows_of_the_state

    inner join scored_days
        on rows_of_the_state.changed_date <= scored_days.as_of_date

    where
        scored_days.is_current
        and not exists (
            select 1
            from explained_days
            where rows_of_the_state.changed_date = explained_days.as_of_date
        )

)

select * from recorded
