{#- Aggregate: the known value of a group that has the lowest rank; of several the smallest. -#}
{% macro value_of_first(value, rank) -%}
    {{ return(adapter.dispatch('value_of_first')(value, rank)) }}
{%- endmacro %}

{% macro default__value_of_first(value, rank) -%}
    arg_min({{ value }}, row({{ rank }}, {{ value }})) filter (where {{ value }} is not null)
{%- endmacro %}
