{#-
    The tables and views that a node reads, as `[database.schema.name]`. Views and ephemeral models
    are looked through, for what they show changes without them.
-#}
{% macro input_relations(node) -%}
    {%- set found = [] -%}
    {%- for unique_id in node.depends_on.nodes -%}
        {%- set parent = graph.nodes.get(unique_id) or graph.sources.get(unique_id) -%}
        {%- set name = parent.alias or parent.identifier or parent.name -%}
        {%- set kind = parent.get('config', {}).get('materialized') -%}
        {%- if kind != 'ephemeral' -%}
            {%- do found.append((parent.database ~ '.' ~ parent.schema ~ '.' ~ name) | lower) -%}
        {%- endif -%}
        {%- if kind in ('ephemeral', 'view') -%}
            {%- do found.extend(input_relations(parent)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found | unique | sort) }}
{%- endmacro %}
