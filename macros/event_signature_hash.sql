{#-
    A 64-bit hash of what rules can see of an event: its type and, of its properties, those that
    rules on this type name. A test proves on the events themselves that no two looks share a hash.
-#}
{% macro event_signature_hash(relation) -%}
    {{ return(adapter.dispatch('event_signature_hash')(relation)) }}
{%- endmacro %}

{% macro default__event_signature_hash(relation) -%}
    hash(
        {{ relation }}.event_type
        {%- for property, event_types in event_property_types().items() %},
        {{ event_property(relation, property, event_types) }}
        {%- endfor %}
    )
{%- endmacro %}
