{#-
    The tables and views that the running node reads, as `[database.schema.name]`. Views are looked
    through, for what they show changes without them. A relation that a macro only asks while the
    node compiles is none of them: what it said stands in the SQL.
-#}
{% macro input_relations(node) -%}
    {%- set found = named_relations(node) -%}
    {%- set reads = view_reads() -%}
    {#- Views behind views, as deep as they go. -#}
    {%- for level in range(graph.nodes | length) if found | length > 0 -%}
        {%- set size = found | length -%}
        {%- for relation in found | list -%}
            {%- for behind in reads.get(relation, []) if behind not in found -%}
                {%- do found.append(behind) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- if found | length == size -%}
            {{ return(found | sort) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found | sort) }}
{%- endmacro %}
