{#- Statements that delete some parts of the table of the running model. -#}
{% macro delete_event_parts(stale) -%}
    {%- set statements = [] -%}
    {%- for source_name, event_parts in stale.items() -%}
        {%- do statements.append(
            'delete from ' ~ this ~ ' as events where '
            ~ in_event_parts('events', source_name, event_parts)
        ) -%}
    {%- endfor -%}
    {{ return(statements) }}
{%- endmacro %}
