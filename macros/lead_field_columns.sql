{#- Columns `lead.<field>`, quoted, of the fields that conditions name and a record of a lead has. -#}
{% macro lead_field_columns() -%}
    {%- set columns = [] -%}
    {%- for field in condition_fields('lead') if not field.startswith('company.') -%}
        {%- do columns.append(quoted('lead.' ~ field)) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}
