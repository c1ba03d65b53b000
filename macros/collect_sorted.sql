{#- All values of a group as one list, the greatest first. -#}
{% macro collect_sorted(value) -%}
    {{ return(adapter.dispatch('collect_sorted')(value)) }}
{%- endmacro %}

{% macro default__collect_sorted(value) -%}
    list_reverse_sort(list({{ value }}))
{%- endmacro %}
