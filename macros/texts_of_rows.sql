{#-
    Body of a CTE: a text for every row of some relations, its columns by name, with the name of
    the relation before it. Order of columns and rows plays no part.
-#}
{% macro texts_of_rows(relations) -%}
    {%- for name, relation in relations.items() %}
    select
        concat_ws(
            '|',
            {{ text_literal(name) }}
            {%- for column in relation_columns(relation) | sort %},
            coalesce(
                replace(cast({{ quoted(column) }} as {{ dbt.type_string() }}), '|', '||'), ''
            )
            {%- endfor %}
        ) as row_text

    from {{ relation }}
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
{%- endmacro %}
