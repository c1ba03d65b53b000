{#-
    The relations that a node depends on and whose names stand in its compiled SQL, those of
    ephemeral models included, as `[database.schema.name]`.
-#}
{% macro named_relations(node) -%}
    {%- set found = [] -%}
    {%- set code = (node.get('compiled_code') or '') | lower -%}
    {%- for parent in parent_nodes(node) -%}
        {%- set name = (parent.alias or parent.identifier or parent.name) | lower -%}
        {%- if name in code -%}
            {%- do found.append((parent.database ~ '.' ~ parent.schema ~ '.' ~ name) | lower) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found | unique | list) }}
{%- endmacro %}
