{#-
    The row of the landed file, the header being row 1; unknown where a column hides the count, or
    where there is no file.
-#}
{% macro source_row_number(columns) -%}
    {{ return(adapter.dispatch('source_row_number')(columns)) }}
{%- endmacro %}

{#- Landing keeps the order of the file, so DuckDB's row id counts its rows. -#}
{% macro default__source_row_number(columns) -%}
    {{ 'cast(null as bigint)' if 'rowid' in columns or not columns else 'rowid + 2' }}
{%- endmacro %}
