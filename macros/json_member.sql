{#- Name and number as they stand in a JSON object. -#}
{% macro json_member(name, number) -%}
    {{ return(adapter.dispatch('json_member')(name, number)) }}
{%- endmacro %}

{% macro default__json_member(name, number) -%}
    cast(to_json({{ name }}) as varchar) || ':' || {{ number }}
{%- endmacro %}
