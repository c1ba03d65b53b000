{#- dbt's own way to build a view, unless it is up to date; a new one gets its name at once. -#}
{% materialization view, adapter='duckdb' -%}
    {%- if is_up_to_date() -%}
        {{ return(keep_relation('view')) }}
    {%- endif -%}
    {%- if not is_first_of_its_name('view') -%}
        {{ return(dbt.materialization_view_default()) }}
    {%- endif -%}
    {%- set relation = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement('main') -%}
        {{ create_view_as(relation, sql) }}
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do persist_docs(relation, model) -%}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [relation]}) }}
{%- endmaterialization %}
