{#- The columns in which every source speaks of its events; `event.<property>` stand quoted. -#}
{% macro event_columns() -%}
    {%- set columns = [
        'lead_id', 'visitor_id', 'email', 'event_id', 'event_type', 'occurred_at_text',
    ] -%}
    {%- for property in event_property_types() -%}
        {%- do columns.append(quoted(property)) -%}
    {%- endfor -%}
    {{ return(columns + ['is_automated', 'source_row_number', 'event_date', 'occurred_at']) }}
{%- endmacro %}
