{#- All values of a group as one sorted list. -#}
{% macro collect_sorted(value) -%}
    {{ return(adapter.dispatch('collect_sorted')(value)) }}
{%- endmacro %}

{% macro default__collect_sorted(value) -%}
    list_sort(list({{ value }}))
{%- endmacro %}
