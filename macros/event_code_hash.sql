{#-
    A hash of the SQL that makes the stored events out of the rows of the sources: that of the
    running model, of the views it reads, and of the engine that executes it.
-#}
{% macro event_code_hash() -%}
    {%- set names = [] -%}
    {%- for name in input_views(model) -%}
        {%- do names.append(text_literal(name)) -%}
    {%- endfor -%}
    {%- set query -%}
        select coalesce(
            string_agg(
                sql, ';'
                order by database_name, schema_name, view_name
            ),
            ''
        ) || version()
        from duckdb_views()
        where lower(concat_ws('.', database_name, schema_name, view_name))
        in ({{ (names or ["''"]) | join(', ') }})
    {%- endset -%}
    {{ return(local_md5(model.compiled_code ~ dbt_version ~ run_query(query).rows[0][0])) }}
{%- endmacro %}
