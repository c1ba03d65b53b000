{#-
    dbt's own way to build a table, unless it is up to date. dbt builds it under another name, which
    changes places with the table before it. Where there is none, the name is right at once; what
    fails is rolled back.
-#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] -%}
    {%- if is_up_to_date() -%}
        {{ return(keep_relation('table')) }}
    {%- endif -%}
    {%- if model.language != 'sql' or not is_first_of_its_name('table') -%}
        {{ return(dbt.materialization_table_duckdb()) }}
    {%- endif -%}
    {%- set relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement('main') -%}
        {{ create_table_as(False, relation, compiled_code) }}
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do persist_docs(relation, model) -%}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [relation]}) }}
{%- endmaterialization %}
