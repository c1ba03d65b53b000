{% macro business_timezone() -%}
    {{ return(var('timezone')) }}
{%- endmacro %}
