{#-
    Dated rows: one is in force on a day if valid_from <= day < valid_to; empty is no bound. The day
    is D unless another one is given.
-#}
{% macro is_in_force(relation, day=none) -%}
    {%- set day = day or as_of_date() -%}
    (
        ({{ relation }}.valid_from is null or {{ relation }}.valid_from <= {{ day }})
        and ({{ relation }}.valid_to is null or {{ relation }}.valid_to > {{ day }})
    )
{%- endmacro %}
