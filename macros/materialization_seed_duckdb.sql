{#- dbt's own way to build a seed, unless it is up to date. -#}
{% materialization seed, adapter='duckdb' -%}
    {%- if is_up_to_date() -%}
        {{ return(keep_relation('table')) }}
    {%- endif -%}
    {{ return(dbt.materialization_seed_default()) }}
{%- endmaterialization %}
