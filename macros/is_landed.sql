{#-
    Whether `leads build` brought the raw tables of a source, which are text and trimmed then; those
    that are read where they are may hold anything.
-#}
{% macro is_landed(source_name) -%}
    {%- set own_schema = 'raw_' ~ source_name -%}
    {%- if not execute
        or var(source_name ~ '_schema', own_schema) != own_schema
        or var(source_name ~ '_database', target.database) != target.database -%}
        {{ return(false) }}
    {%- endif -%}
    {{ return(adapter.get_relation(target.database, own_schema, '_landed_files') is not none) }}
{%- endmacro %}
