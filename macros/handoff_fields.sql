{#- Fields of the agreement that are no attribute of a record: computed for hand-offs alone. -#}
{% macro handoff_fields() -%}
    {{ return(['disposition', 'disposition_reason', 'email', 'grade']) }}
{%- endmacro %}
