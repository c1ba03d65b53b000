{#- A list of one value. -#}
{% macro list_of(value) -%}
    {{ return(adapter.dispatch('list_of')(value)) }}
{%- endmacro %}

{% macro default__list_of(value) -%}
    [{{ value }}]
{%- endmacro %}
