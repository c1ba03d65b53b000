{#- dbt's own way to build a view, unless it is up to date. -#}
{% materialization view, adapter='duckdb' -%}
    {%- if is_up_to_date() -%}
        {{ return(keep_relation('view')) }}
    {%- endif -%}
    {{ return(dbt.materialization_view_default()) }}
{%- endmaterialization %}
