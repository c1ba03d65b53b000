{#- A day as a whole number: the days since 1970-01-01, negative before it. -#}
{% macro day_count(day) -%}
    cast({{ dbt.datediff("cast('1970-01-01' as date)", day, 'day') }} as integer)
{%- endmacro %}
