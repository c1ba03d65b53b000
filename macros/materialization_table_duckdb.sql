{#- dbt's own way to build a table, unless it is up to date. -#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] -%}
    {%- if is_up_to_date() -%}
        {{ return(keep_relation('table')) }}
    {%- endif -%}
    {{ return(dbt.materialization_table_duckdb()) }}
{%- endmaterialization %}
