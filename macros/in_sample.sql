{#- Whether a lead is in the sample that the var sample_percent asks for; stable for a lead. -#}
{% macro in_sample(lead_id) -%}
    {{ return(adapter.dispatch('in_sample')(lead_id)) }}
{%- endmacro %}

{% macro default__in_sample(lead_id) -%}
    {%- if var('sample_percent') | float >= 100 -%}
        true
    {%- else -%}
        md5_number_lower({{ lead_id }}) % 10000 < {{ (var('sample_percent') | float * 100) | int }}
    {%- endif -%}
{%- endmacro %}
