{#- A list in the select clause, one row an item; an empty list gives one unknown item. -#}
{% macro unnest_items(items) -%}
    {{ return(adapter.dispatch('unnest_items')(items)) }}
{%- endmacro %}

{% macro default__unnest_items(items) -%}
    unnest(case when len({{ items }}) = 0 then [null] else {{ items }} end)
{%- endmacro %}
