{#- Some columns of a row as one text, each told apart from the next; unknown is empty. -#}
{% macro joined_texts(relation, columns) -%}
    concat_ws(
        '|'
        {%- for column in columns %},
        {%- set value = relation ~ '.' ~ quoted(column) %}
        coalesce(replace(cast({{ value }} as {{ dbt.type_string() }}), '|', '||'), '')
        {%- endfor %}
    )
{%- endmacro %}
