{#-
    The rows of a raw table of a source, as text: `columns` in their order, null where the table
    lacks one, then every further column that begins with one of `passthrough_prefixes`, by name.
    Column names compare without case. A table that is not there has no rows. What the source
    cannot do without (`meta.required` in its sources file) stops the build by name.
-#}
{% macro raw_rows(source_name, table_name, columns, passthrough_prefixes=[]) -%}
    {%- set relation = source(source_name, table_name) -%}
    {%- set found = raw_columns(source_name, table_name) -%}
    {%- if execute -%}
        {%- do refuse_incomplete_raw_table(source_name, table_name, found) -%}
    {%- endif -%}
    {%- set types = relation_column_types(relation) -%}
    {%- set is_trimmed = not relation.schema or is_landed(source_name) -%}
    {%- set further = [] -%}
    {%- for column in found | sort if column not in columns -%}
        {%- for prefix in passthrough_prefixes if column.startswith(prefix) -%}
            {%- if column not in further %}{% do further.append(column) %}{% endif -%}
        {%- endfor -%}
    {%- endfor -%}
    select
        {%- for column in columns + further %}
        {% if column in found -%}
        {{ raw_text(quoted(column), types.get(column, 'VARCHAR'), is_trimmed) }}
        {%- else -%}
        cast(null as {{ dbt.type_string() }})
        {%- endif %} as {{ quoted(column) }}{{ ',' if not loop.last }}
        {%- endfor %}
    {%- if found %}
    from {{ relation }}
    {%- else %}
    where false
    {%- endif %}
{%- endmacro %}
