{#- A text read as what a column holds: text, amount, boolean, day or timestamp. -#}
{% macro read_text(text, kind) -%}
    {%- if kind == 'amount' -%} {{ parse_amount(text) }}
    {%- elif kind == 'boolean' -%} try_cast({{ text }} as boolean)
    {%- elif kind == 'day' -%} {{ parse_day(text) }}
    {%- elif kind == 'timestamp' -%} {{ parse_timestamp(text) }}
    {%- else -%} {{ text }}
    {%- endif -%}
{%- endmacro %}
