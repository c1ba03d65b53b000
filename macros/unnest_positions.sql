{#- The positions of a list, counted from 1, in the select clause, one row a position. -#}
{% macro unnest_positions(items) -%}
    {{ return(adapter.dispatch('unnest_positions')(items)) }}
{%- endmacro %}

{% macro default__unnest_positions(items) -%}
    unnest(range(1, len({{ items }}) + 1))
{%- endmacro %}
