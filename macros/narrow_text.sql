{#- Lower case, and full-width ASCII forms and blanks as their narrow ones. -#}
{% macro narrow_text(text) -%}
    {{ return(adapter.dispatch('narrow_text')(text)) }}
{%- endmacro %}

{% macro default__narrow_text(text) -%}
    {%- set wide = [] -%}
    {%- for code in range(65281, 65375) -%}
        {%- do wide.append('%c' % code) -%}
    {%- endfor -%}
    {%- set narrow = [] -%}
    {%- for code in range(33, 127) -%}
        {%- do narrow.append('%c' % code) -%}
    {%- endfor -%}
    lower(translate(
        {{ text }},
        '{{ wide | join("") }}{{ "%c" % 12288 }}',
        '{{ narrow | join("") | replace("'", "''") }} '
    ))
{%- endmacro %}
