{#- Aggregate: of the values of a group that are known the one with the greatest order. -#}
{% macro last_known(value, order) -%}
    {{ return(adapter.dispatch('last_known')(value, order)) }}
{%- endmacro %}

{% macro default__last_known(value, order) -%}
    max_by({{ value }}, {{ order }}) filter (where {{ value }} is not null)
{%- endmacro %}
