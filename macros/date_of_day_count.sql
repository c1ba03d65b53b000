{#- The day of a number that day_count made. -#}
{% macro date_of_day_count(day_count) -%}
    cast({{ dbt.dateadd('day', day_count, "cast('1970-01-01' as date)") }} as date)
{%- endmacro %}
