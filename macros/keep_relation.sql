{#-
    What a materialization returns that leaves its relation as it is. A run that was killed may have
    left the relation before it behind.
-#}
{% macro keep_relation(kind) -%}
    {%- set relation = this.incorporate(type=kind) -%}
    {%- set backup = make_backup_relation(relation, kind) -%}
    {%- for leftover in [make_intermediate_relation(relation), backup] -%}
        {%- do drop_relation_if_exists(load_cached_relation(leftover)) -%}
    {%- endfor -%}
    {%- call noop_statement('main', 'UNCHANGED', 'UNCHANGED', 0) -%}
    {%- endcall -%}
    {%- if model.resource_type == 'seed' -%}
        {#- dbt asks for the rows of a seed, though it shows them on demand only. -#}
        {%- do store_raw_result('agate_table', 'UNCHANGED', 'UNCHANGED', 0) -%}
    {%- endif -%}
    {{ return({'relations': [relation]}) }}
{%- endmacro %}
