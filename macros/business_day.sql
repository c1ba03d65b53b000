{#- The business day on which a UTC timestamp falls. -#}
{% macro business_day(timestamp) -%}
    {{ return(adapter.dispatch('business_day')(timestamp)) }}
{%- endmacro %}

{% macro default__business_day(timestamp) -%}
    cast(timezone('{{ business_timezone() }}', timezone('UTC', {{ timestamp }})) as date)
{%- endmacro %}
