{#- The fields of companies (`company.<name>`) that conditions name. -#}
{% macro company_fields() -%}
    {%- set fields = [] -%}
    {%- for field in condition_fields('lead') if field.startswith('company.') -%}
        {%- do fields.append(field) -%}
    {%- endfor -%}
    {{ return(fields) }}
{%- endmacro %}
