{#- What a number looks like, as a quoted pattern for the whole of a text. -#}
{% macro number_pattern() -%}
    '[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?'
{%- endmacro %}
