{#- Whether a match of a condition holds on a day: valid_from_date <= day < valid_to_date. -#}
{% macro holds_on(relation, day) -%}
    (
        ({{ relation }}.valid_from_date is null or {{ relation }}.valid_from_date <= {{ day }})
        and ({{ relation }}.valid_to_date is null or {{ relation }}.valid_to_date > {{ day }})
    )
{%- endmacro %}
