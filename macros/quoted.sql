{#- A column name as a quoted identifier. -#}
{% macro quoted(name) -%}
    {{ return('"' ~ (name | replace('"', '""')) ~ '"') }}
{%- endmacro %}
