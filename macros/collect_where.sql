{#- Aggregate: a list of the values of a group for which a condition holds; null without any. -#}
{% macro collect_where(value, condition) -%}
    {{ return(adapter.dispatch('collect_where')(value, condition)) }}
{%- endmacro %}

{% macro default__collect_where(value, condition) -%}
    list({{ value }}) filter (where {{ condition }})
{%- endmacro %}
