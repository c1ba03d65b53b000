{#- Lower-case column names of a relation as it stands in the warehouse; empty without it. -#}
{% macro relation_columns(relation) -%}
    {{ return(relation_column_types(relation) | list) }}
{%- endmacro %}
