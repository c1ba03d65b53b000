{#- The type that the name of a column stands for in this project. -#}
{% macro type_by_name(column) -%}
    {%- if column == 'corporate_number' -%} {{ dbt.type_string() }}
    {%- elif column.endswith('_at') -%} timestamp
    {%- elif column.endswith('_date') -%} date
    {%- elif column.endswith('amount') -%} decimal(18, 2)
    {%- elif column.endswith('_number') -%} bigint
    {%- elif column.startswith(('is_', 'has_', 'do_not_')) -%} boolean
    {%- else -%} {{ dbt.type_string() }}
    {%- endif -%}
{%- endmacro %}
