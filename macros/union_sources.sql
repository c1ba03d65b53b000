{#-
    One relation out of the same staging model of every enabled source, with the name of the source
    in front; `columns` are the columns it selects.
-#}
{% macro union_sources(entity, columns) -%}
    {%- for source_name in var('sources') %}
    select
        '{{ source_name }}' as source_name,
        {%- for column in columns %}
        {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('stg_' ~ source_name ~ '__' ~ entity) }}
    {%- if not loop.last %}

    union all
    {% endif -%}
    {%- endfor %}
{%- endmacro %}
