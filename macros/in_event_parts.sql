{#- Whether a row is of one of some parts of the events, `{source_name: [event_part]}`. -#}
{% macro in_event_parts(relation, source_name, event_parts) -%}
    {{ relation }}.source_name = {{ text_literal(source_name) }}
    and {{ relation }}.event_part in (
        {%- for event_part in event_parts -%}
        {{ text_literal(event_part) }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    )
{%- endmacro %}
