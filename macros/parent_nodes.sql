{#- The models, seeds and sources that a node depends on, ephemeral models replaced by theirs. -#}
{% macro parent_nodes(node) -%}
    {%- set found = [] -%}
    {%- for unique_id in node.depends_on.nodes -%}
        {%- set parent = graph.nodes.get(unique_id) or graph.sources.get(unique_id) -%}
        {%- if parent.get('config', {}).get('materialized') == 'ephemeral' -%}
            {%- do found.extend(parent_nodes(parent)) -%}
        {%- else -%}
            {%- do found.append(parent) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
