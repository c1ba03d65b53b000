{#-
    One of several equal parts of a whole number; what cannot be shared equally goes to the first
    part, so that the parts add up to the whole.
-#}
{% macro equal_share(total, part_count, part_rank) -%}
    {{ return(adapter.dispatch('equal_share')(total, part_count, part_rank)) }}
{%- endmacro %}

{% macro default__equal_share(total, part_count, part_rank) -%}
    ({{ total }} - ({{ total }}) % {{ part_count }}) // {{ part_count }}
    + case when {{ part_rank }} = 1 then ({{ total }}) % {{ part_count }} else 0 end
{%- endmacro %}
