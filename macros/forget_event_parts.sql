{#- Statement that takes back what is known of the parts that the running model holds. -#}
{% macro forget_event_parts() -%}
    delete from meta.loaded_event_parts
    where relation_name = {{ text_literal(relation_key(this)) }}
{%- endmacro %}
