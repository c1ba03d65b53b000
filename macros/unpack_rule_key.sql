{#- The rule of a number that pack_points made. -#}
{% macro unpack_rule_key(pack) -%}
    cast(999999 - {{ pack }} % 1000000 as integer)
{%- endmacro %}
