{#- The columns in which the events of all sources are stored, in order. -#}
{% macro stored_event_columns() -%}
    {%- set columns = [
        'lead_id', 'visitor_id', 'email', 'event_id', 'event_type', 'source_name',
    ] -%}
    {%- for property in event_property_types() -%}
        {%- do columns.append(quoted(property)) -%}
    {%- endfor -%}
    {{ return(columns + [
        'event_part', 'signature_hash', 'is_automated', 'event_date', 'occurred_at',
    ]) }}
{%- endmacro %}
