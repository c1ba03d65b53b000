{#- A day at a time of day that is written HH:MM; 24:00 is its end. No time zone is meant. -#}
{% macro at_time_of_day(day, time_of_day) -%}
    {%- set hours = "cast(split_part(" ~ time_of_day ~ ", ':', 1) as integer)" -%}
    {%- set minutes = "cast(split_part(" ~ time_of_day ~ ", ':', 2) as integer)" -%}
    {{ dbt.dateadd('minute', hours ~ ' * 60 + ' ~ minutes, 'cast(' ~ day ~ ' as timestamp)') }}
{%- endmacro %}
