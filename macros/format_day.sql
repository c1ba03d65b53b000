{#- A day as people write it: a text with {yyyy}, {mm}, {dd}, {m} and {d} in it. -#}
{% macro format_day(day, format) -%}
    {%- set year = dbt.cast('extract(year from ' ~ day ~ ')', dbt.type_string()) -%}
    {%- set month = dbt.cast('extract(month from ' ~ day ~ ')', dbt.type_string()) -%}
    {%- set day_of_month = dbt.cast('extract(day from ' ~ day ~ ')', dbt.type_string()) -%}
    replace(replace(replace(replace(replace(
        {{ format }},
        '{yyyy}', {{ year }}),
        '{mm}', lpad({{ month }}, 2, '0')),
        '{dd}', lpad({{ day_of_month }}, 2, '0')),
        '{m}', {{ month }}),
        '{d}', {{ day_of_month }})
{%- endmacro %}
