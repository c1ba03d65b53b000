{#- The time of day (HH:MM) that the clock of the business shows at a UTC timestamp. -#}
{% macro wall_time(timestamp) -%}
    {{ return(adapter.dispatch('wall_time')(timestamp)) }}
{%- endmacro %}

{% macro default__wall_time(timestamp) -%}
    strftime(timezone('{{ business_timezone() }}', timezone('UTC', {{ timestamp }})), '%H:%M')
{%- endmacro %}
