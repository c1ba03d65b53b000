{#- All columns of a row as one text, in the order of their names; unknown is empty. -#}
{% macro row_text(columns) -%}
    {%- if columns -%}
    concat_ws(
        chr(31)
        {%- for column in columns | sort %},
        coalesce({{ quoted(column) }}, '')
        {%- endfor %}
    )
    {%- else -%}
    ''
    {%- endif -%}
{%- endmacro %}
