{#-
    One relation out of what every enabled source says of an entity, with the name of the source in
    front; `columns` are the columns it selects. Empty, with the types that the names of the columns
    stand for, where no enabled source speaks of it.
-#}
{% macro union_sources(entity, columns) -%}
    {%- for source_name, model in source_models(entity) %}
    select
        '{{ source_name }}' as source_name,
        {%- for column in columns %}
        {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref(model) }}
    {%- if not loop.last %}

    union all
    {% endif -%}
    {%- else %}
    select
        cast(null as {{ dbt.type_string() }}) as source_name,
        {%- for column in columns %}
        cast(null as {{ type_by_name(column) }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    where false
    {%- endfor %}
{%- endmacro %}
