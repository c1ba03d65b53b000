{#- The name under which the version of a relation is kept. -#}
{% macro relation_key(relation) -%}
    {{ return((relation.database ~ '.' ~ relation.schema ~ '.' ~ relation.identifier) | lower) }}
{%- endmacro %}
