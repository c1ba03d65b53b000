{{ config(materialized='view') }}
{%- set days = history_days() -%}
with

days as (
    {% for day in days %}
    select cast('{{ day }}' as date) as as_of_date
    union all
    {% endfor %}
    select {{ as_of_date() }} as as_of_date

),

scored_days as (

    select
        cast(row_number() over (order by days.as_of_date) as integer) as day_number,
        days.as_of_date = {{ as_of_date() }} as is_current,
        days.as_of_date,
        lag(days.as_of_date) over (order by days.as_of_date) as previous_date

    from days

    where days.as_of_date <= {{ as_of_date() }}

)

select * from scored_days
