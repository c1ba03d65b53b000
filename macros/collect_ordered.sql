{#- All known values of a group as one list in an order; an empty list where there are none. -#}
{% macro collect_ordered(value, order_by) -%}
    {{ return(adapter.dispatch('collect_ordered')(value, order_by)) }}
{%- endmacro %}

{% macro default__collect_ordered(value, order_by) -%}
    coalesce(
        list({{ value }} order by {{ order_by }}) filter (where {{ value }} is not null), []
    )
{%- endmacro %}
