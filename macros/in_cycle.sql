{#-
    Whether a day belongs to a cycle of `int_lead_cycles`: the last one that had begun by then.
    Whatever lies before the second cycle belongs to the first, an unknown day too.
-#}
{% macro in_cycle(relation, day) -%}
    coalesce({{ relation }}.valid_from_date <= {{ day }}, {{ relation }}.valid_from_date is null)
    and coalesce({{ relation }}.valid_to_date > {{ day }}, true)
{%- endmacro %}
