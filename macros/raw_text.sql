{#-
    The text of a raw value, as the landing writes it: no white space at the ends, empty is unknown,
    booleans true or false, whole doubles without a fraction, instants in UTC with a `Z`.
-#}
{% macro raw_text(value, data_type, is_trimmed) -%}
    {{ return(adapter.dispatch('raw_text')(value, data_type, is_trimmed)) }}
{%- endmacro %}

{% macro default__raw_text(value, data_type, is_trimmed) -%}
    {%- set text = 'cast(' ~ value ~ ' as ' ~ dbt.type_string() ~ ')' -%}
    {%- if data_type in ['DOUBLE', 'FLOAT'] -%}
        case
            when isnan({{ value }}) then null
            when {{ value }} = 0 then '0'
            else regexp_replace({{ text }}, '[.]0$', '')
        end
    {%- elif data_type == 'TIMESTAMP WITH TIME ZONE' -%}
        cast(timezone('UTC', {{ value }}) as {{ dbt.type_string() }}) || 'Z'
    {%- elif data_type.startswith(('VARCHAR', 'ENUM', 'JSON')) -%}
        {{ value if is_trimmed else 'nullif(' ~ trim_text(text) ~ ", '')" }}
    {%- else -%}
        {{ text }}
    {%- endif -%}
{%- endmacro %}
