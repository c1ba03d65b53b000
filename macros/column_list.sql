{#-
    The columns of a relation one under another, separated by commas; `suffix` stands behind each,
    such as the place of unknown values in an order.
-#}
{% macro column_list(columns, relation, suffix='') -%}
    {%- for column in columns %}
    {{- relation }}.{{ column }}{{ ' ' ~ suffix if suffix }}
    {%- if not loop.last %},
        {% endif -%}
    {%- endfor %}
{%- endmacro %}
