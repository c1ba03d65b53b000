{#-
    Aggregate: texts in order as one sentence; the template with {first} and {next} says what stands
    between two of them.
-#}
{% macro listed_texts(text, template, order_by) -%}
    {%- set between = "replace(replace(" ~ template ~ ", '{first}', ''), '{next}', '')" -%}
    substring(
        {{ dbt.listagg(between ~ ' || ' ~ text, "''", 'order by ' ~ order_by) }},
        max({{ dbt.length(between) }}) + 1
    )
{%- endmacro %}
