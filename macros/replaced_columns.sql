{#- All columns of a relation, some of them with another value: expressions by column. -#}
{% macro replaced_columns(relation, expressions) -%}
    {{ return(adapter.dispatch('replaced_columns')(relation, expressions)) }}
{%- endmacro %}

{% macro default__replaced_columns(relation, expressions) -%}
    {{ relation }}.*
    {%- if expressions %} replace (
        {%- for column, expression in expressions.items() %}
            {{ expression }} as {{ quoted(column) }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
    {%- endif %}
{%- endmacro %}
