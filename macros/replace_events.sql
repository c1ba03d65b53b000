{#-
    Statements that replace some parts of the table of the running model by what its SQL gives of
    them, for a model whose rows each stem from one row of an event.
-#}
{% macro replace_events(stale) -%}
    {%- set statements = delete_event_parts(stale) -%}
    {%- for source_name, event_parts in stale.items() -%}
        {%- do statements.append(
            'insert into ' ~ this ~ ' select events.* from (' ~ model.compiled_code
            ~ ') as events where ' ~ in_event_parts('events', source_name, event_parts)
        ) -%}
    {%- endfor -%}
    {{ return(statements) }}
{%- endmacro %}
