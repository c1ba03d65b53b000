{#- A value held between two limits; an empty limit is none. -#}
{% macro limit_between(value, lower_limit, upper_limit) -%}
    greatest(
        least({{ value }}, coalesce({{ upper_limit }}, {{ value }})),
        coalesce({{ lower_limit }}, {{ value }})
    )
{%- endmacro %}
