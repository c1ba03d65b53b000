{#- Aggregate: the first value that is known, in the order of another column. -#}
{% macro first_known_by(value, order_key) -%}
    {{ return(adapter.dispatch('first_known_by')(value, order_key)) }}
{%- endmacro %}

{% macro default__first_known_by(value, order_key) -%}
    arg_min({{ value }}, {{ order_key }})
{%- endmacro %}
