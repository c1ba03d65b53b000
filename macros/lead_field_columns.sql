{#- Columns `lead.<field>`, quoted: the fields that conditions name and records of leads have. -#}
{% macro lead_field_columns() -%}
    {%- set columns = [] -%}
    {%- for field in condition_fields('lead') if not field.startswith('company.') -%}
        {%- do columns.append(quoted('lead.' ~ field)) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}
