{#-
    The part of the events that a row belongs to, told from its time as the source writes it: the
    day, or the first letters of another form. Parts are read again when rows of them change.
-#}
{% macro event_part(occurred_at_text) -%}
    coalesce(
        case
            when {{ occurred_at_text }} like '____-__-__%'
                then substring({{ occurred_at_text }}, 1, 10)
            else substring({{ occurred_at_text }}, 1, 7)
        end,
        ''
    )
{%- endmacro %}
