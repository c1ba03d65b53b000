{#- The lists of a group as one sorted list. -#}
{% macro merge_sorted(lists) -%}
    {{ return(adapter.dispatch('merge_sorted')(lists)) }}
{%- endmacro %}

{% macro default__merge_sorted(lists) -%}
    list_sort(flatten(list({{ lists }})))
{%- endmacro %}
