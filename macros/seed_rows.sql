{#- Rows of a query on seeds while a model compiles; empty where a seed has not been loaded yet. -#}
{% macro seed_rows(relations, query) -%}
    {%- if not execute -%}
        {{ return([]) }}
    {%- endif -%}
    {%- for relation in relations -%}
        {%- if load_relation(relation) is none -%}
            {{ return([]) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(run_query(query).rows | list) }}
{%- endmacro %}
