{#- The items of a list without doubles. -#}
{% macro distinct_items(items) -%}
    {{ return(adapter.dispatch('distinct_items')(items)) }}
{%- endmacro %}

{% macro default__distinct_items(items) -%}
    list_distinct({{ items }})
{%- endmacro %}
