{#- Text compares without regard to case and width; half-width kana stay as they are. -#}
{% macro fold_text(text) -%}
    {{ return(adapter.dispatch('fold_text')(text)) }}
{%- endmacro %}

{% macro default__fold_text(text) -%}
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
