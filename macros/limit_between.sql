{#- A value held between two limits; an empty limit is none. -#}
{% macro limit_between(value, lower_limit, upper_limit) -%}
    case
        when {{ value }} > {{ upper_limit }} then {{ upper_limit }}
        when {{ value }} < {{ lower_limit }} then {{ lower_limit }}
        else {{ value }}
    end
{%- endmacro %}
