{#- White space off both ends: space, tab, CR, LF, no-break space, ideographic space. -#}
{% macro trim_text(text) -%}
    {{ return(adapter.dispatch('trim_text')(text)) }}
{%- endmacro %}

{% macro default__trim_text(text) -%}
    trim({{ text }}, ' ' || chr(9) || chr(13) || chr(10) || chr(160) || chr(12288))
{%- endmacro %}
