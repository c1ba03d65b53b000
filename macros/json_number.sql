{#- The number under a name in a JSON object; unknown if there is none. -#}
{% macro json_number(json_text, name) -%}
    {{ return(adapter.dispatch('json_number')(json_text, name)) }}
{%- endmacro %}

{% macro default__json_number(json_text, name) -%}
    try_cast(
        json_extract_string(
            {{ json_text }}, '/' || replace(replace({{ name }}, '~', '~0'), '/', '~1')
        ) as decimal(12, 2)
    )
{%- endmacro %}
