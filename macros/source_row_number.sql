{#- The row of the landed file, the header being row 1. -#}
{% macro source_row_number() -%}
    {{ return(adapter.dispatch('source_row_number')()) }}
{%- endmacro %}

{#- Landing keeps the order of the file, so DuckDB's row id counts its rows. -#}
{% macro default__source_row_number() -%}
    rowid + 2
{%- endmacro %}
