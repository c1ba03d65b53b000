{#-
    Types of the columns of a relation by lower-case name, in upper case and in their order; empty
    without it. The names of the relation and its schema compare without case.
-#}
{% macro relation_column_types(relation) -%}
    {{ return(adapter.dispatch('relation_column_types')(relation)) }}
{%- endmacro %}

{% macro default__relation_column_types(relation) -%}
    {%- set types = {} -%}
    {%- if execute and relation.schema -%}
        {%- set query -%}
            select lower(column_name), upper(data_type)
            from information_schema.columns
            where
                lower(table_catalog) = {{ text_literal(relation.database | lower) }}
                and lower(table_schema) = {{ text_literal(relation.schema | lower) }}
                and lower(table_name) = {{ text_literal(relation.identifier | lower) }}
            order by ordinal_position
        {%- endset -%}
        {%- for row in run_query(query).rows -%}
            {%- do types.update({row[0]: row[1]}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(types) }}
{%- endmacro %}
