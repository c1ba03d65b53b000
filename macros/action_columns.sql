{#- The columns in which HubSpot's engagements speak of what was done, whoever took part. -#}
{% macro action_columns() -%}
    {%- set columns = [
        'engagement_id', 'action_id', 'event_type', 'outcome', 'owner_id', 'occurred_at_text',
    ] -%}
    {%- for property in event_property_types() -%}
        {%- do columns.append(quoted(property)) -%}
    {%- endfor -%}
    {{ return(columns + ['is_automated', 'occurred_at']) }}
{%- endmacro %}
