{#- Equality to which unknown equals unknown. -#}
{% macro is_same_value(left, right) -%}
    {{ return(adapter.dispatch('is_same_value')(left, right)) }}
{%- endmacro %}

{% macro default__is_same_value(left, right) -%}
    {{ left }} is not distinct from {{ right }}
{%- endmacro %}
