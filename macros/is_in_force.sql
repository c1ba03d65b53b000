{#- Dated seeds: a row is in force on D if valid_from <= D < valid_to; empty is no bound. -#}
{% macro is_in_force(relation) -%}
    (
        ({{ relation }}.valid_from is null or {{ relation }}.valid_from <= {{ as_of_date() }})
        and ({{ relation }}.valid_to is null or {{ relation }}.valid_to > {{ as_of_date() }})
    )
{%- endmacro %}
