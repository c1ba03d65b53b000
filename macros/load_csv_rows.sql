{#-
    Fills a seed from its file, the way dbt calls it. dbt-duckdb reads the file where the project
    lay when it was parsed, which is another one if the folder was copied since.
-#}
{% macro load_csv_rows(model, agate_table) -%}
    {{ return(adapter.dispatch('load_csv_rows', 'dbt')(model, agate_table)) }}
{%- endmacro %}

{% macro duckdb__load_csv_rows(model, agate_table) -%}
    {%- set statement -%}
        copy {{ this.render() }}
        from {{ text_literal(agate_table.original_abspath) }} (format csv, header true)
    {%- endset -%}
    {%- do adapter.add_query(statement, abridge_sql_log=True) -%}
    {{ return(statement) }}
{%- endmacro %}
