{#- The seconds from one timestamp to another, with their fraction; negative if it lies before. -#}
{% macro seconds_between(start, finish) -%}
    {{ return(adapter.dispatch('seconds_between')(start, finish)) }}
{%- endmacro %}

{% macro default__seconds_between(start, finish) -%}
    cast(date_diff('millisecond', {{ start }}, {{ finish }}) as double) / 1000
{%- endmacro %}
