{#-
    Columns of a table of the state, given as a mapping of names to types. Without the state (no
    file is attached yet) there are no rows.
-#}
{% macro state_rows(table_name, columns) -%}
    {%- set relation = source('state', table_name) -%}
    {%- set found = relation_column_types(relation) -%}
    {%- set is_there = found or not relation.schema -%}
    select
        {%- for column, data_type in columns.items() %}
        cast({{ column if is_there else 'null' }} as {{ data_type }}) as {{ column }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    {%- if is_there %}
    from {{ relation }}
    {%- else %}
    where false
    {%- endif %}
{%- endmacro %}
