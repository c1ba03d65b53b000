{#- Today is open: its scores hold what has landed; the first build with a later day closes it. -#}
{% macro is_provisional() -%}
    ({{ as_of_date() }} >= {{ run_date() }})
{%- endmacro %}
