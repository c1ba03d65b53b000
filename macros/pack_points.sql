{#- Positive points and a rule in one whole number; of equal points the smaller key is greater. -#}
{% macro pack_points(points, rule_key) -%}
    cast({{ points }} * 100 as bigint) * 1000000 + (999999 - {{ rule_key }})
{%- endmacro %}
