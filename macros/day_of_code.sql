{#- The day that `day_code` made a number of. -#}
{% macro day_of_code(code) -%}
    {%- set days = 'cast(' ~ code ~ ' - 1000000 as integer)' -%}
    cast({{ dbt.dateadd('day', days, "cast('0001-01-01' as date)") }} as date)
{%- endmacro %}
