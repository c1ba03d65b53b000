{#- How many items of a list are at least so great; 0 of no list. -#}
{% macro count_from(items, least) -%}
    {{ return(adapter.dispatch('count_from')(items, least)) }}
{%- endmacro %}

{% macro default__count_from(items, least) -%}
    coalesce(len(list_filter({{ items }}, lambda item: item >= {{ least }})), 0)
{%- endmacro %}
