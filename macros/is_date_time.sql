{#- Whether a text has the form of a day with a time: `T` or blank, zone optional. -#}
{% macro is_date_time(text) -%}
    {{ return(adapter.dispatch('is_date_time')(text)) }}
{%- endmacro %}

{% macro default__is_date_time(text) -%}
    {%- set day = '[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}' -%}
    {%- set time = '[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?' -%}
    {%- set zone = '(Z| ?UTC|[+-][0-9]{2}(:?[0-9]{2})?)?' -%}
    regexp_full_match({{ text }}, '{{ day }}[T ]{{ time }}{{ zone }}')
{%- endmacro %}
