{#- The views that a node reads, those behind views included, as `[database.schema.name]`. -#}
{% macro input_views(node) -%}
    {%- set found = [] -%}
    {%- for unique_id in node.depends_on.nodes if unique_id in graph.nodes -%}
        {%- set parent = graph.nodes[unique_id] -%}
        {%- if parent.config.materialized in ('ephemeral', 'view') -%}
            {%- set name = parent.alias or parent.name -%}
            {%- do found.append((parent.database ~ '.' ~ parent.schema ~ '.' ~ name) | lower) -%}
            {%- do found.extend(input_views(parent)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found | unique | sort) }}
{%- endmacro %}
