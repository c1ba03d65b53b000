{#- The first of several columns that is known; null (text) where there is none to ask. -#}
{% macro first_known(columns, relation=none) -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {%- if columns | length == 0 -%}
        cast(null as {{ dbt.type_string() }})
    {%- elif columns | length == 1 -%}
        {{ prefix }}{{ quoted(columns[0]) }}
    {%- else -%}
        coalesce(
            {%- for column in columns -%}
                {{ prefix }}{{ quoted(column) }}{{ ', ' if not loop.last }}
            {%- endfor -%}
        )
    {%- endif -%}
{%- endmacro %}
