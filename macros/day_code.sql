{#- A day as a whole number that is positive for every day there is, in order. -#}
{% macro day_code(day) -%}
    {{ dbt.datediff("cast('0001-01-01' as date)", day, 'day') }} + 1000000
{%- endmacro %}
