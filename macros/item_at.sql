{#- The item of a list at a position, which counts from 1. -#}
{% macro item_at(items, position) -%}
    {{ return(adapter.dispatch('item_at')(items, position)) }}
{%- endmacro %}

{% macro default__item_at(items, position) -%}
    {{ items }}[{{ position }}]
{%- endmacro %}
