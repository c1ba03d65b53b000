{#- The greatest item of a list below a bound (any, if it is none); null where there is none. -#}
{% macro greatest_below(items, bound=none) -%}
    {{ return(adapter.dispatch('greatest_below')(items, bound)) }}
{%- endmacro %}

{% macro default__greatest_below(items, bound) -%}
    {% if bound is none -%}
    list_max({{ items }})
    {%- else -%}
    list_max(list_filter({{ items }}, lambda item: item < {{ bound }}))
    {%- endif %}
{%- endmacro %}
