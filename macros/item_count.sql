{#- How many items a list has. -#}
{% macro item_count(items) -%}
    {{ return(adapter.dispatch('item_count')(items)) }}
{%- endmacro %}

{% macro default__item_count(items) -%}
    len({{ items }})
{%- endmacro %}
