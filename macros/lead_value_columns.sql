{#-
    What a record says of a lead, under the names of the project: columns of `int_lead_records`,
    `int_leads` and every version of a lead. Fields of companies are no part of a record: whoever
    reads attributes asks the companies.
-#}
{% macro lead_value_columns() -%}
    {%- set columns = ['owner_id', 'company_name', 'email'] + lead_source_columns()
        + lead_field_columns() -%}
    {{ return(columns + ['amount', 'do_not_contact', 'created_date', 'created_at']) }}
{%- endmacro %}
