{#- A property of an event, unknown where no rule on the type of the event names it. -#}
{% macro event_property(relation, property, event_types) -%}
    case
        when
            {{ relation }}.event_type in (
                {%- for event_type in event_types -%}
                    {{ text_literal(event_type) }}{{ ', ' if not loop.last }}
                {%- endfor -%}
            )
            then {{ relation }}.{{ quoted(property) }}
    end
{%- endmacro %}
