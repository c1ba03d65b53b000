{#-
    A raw table to read from as it stands; where it is not there, no rows with the columns that its
    sources file describes. What the source cannot do without stops the build by name.
-#}
{% macro raw_table(source_name, table_name) -%}
    {%- set relation = source(source_name, table_name) -%}
    {#- Rows that a unit test gives stand in no schema. -#}
    {%- if not execute or not relation.schema -%}
        {{ return(relation) }}
    {%- endif -%}
    {%- set found = raw_columns(source_name, table_name) -%}
    {%- do refuse_incomplete_raw_table(source_name, table_name, found) -%}
    {%- if found -%}
        {{ return(relation) }}
    {%- endif -%}
    {%- set rows -%}
        (
            select
                {%- for node in graph.sources.values()
                    if node.source_name == source_name and node.name == table_name -%}
                    {%- for column in node.columns.values() %}
                cast(null as {{ dbt.type_string() }}) as {{ quoted(column.name) }}
                        {{- ',' if not loop.last }}
                    {%- endfor -%}
                {%- endfor %}
            where false
        )
    {%- endset -%}
    {{ return(rows) }}
{%- endmacro %}
