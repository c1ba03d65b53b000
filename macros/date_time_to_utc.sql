{#- A date-time text as a UTC timestamp; no offset is UTC. The caller checks the form. -#}
{% macro date_time_to_utc(text) -%}
    {{ return(adapter.dispatch('date_time_to_utc')(text)) }}
{%- endmacro %}

{% macro default__date_time_to_utc(text) -%}
    timezone('UTC', try_cast(replace({{ text }}, '/', '-') as timestamptz))
{%- endmacro %}
