{#- Whether a text holds a Chinese character or a kana. -#}
{% macro has_kanji_or_kana(text) -%}
    {{ return(adapter.dispatch('has_kanji_or_kana')(text)) }}
{%- endmacro %}

{% macro default__has_kanji_or_kana(text) -%}
    regexp_matches({{ text }}, '[\x{3040}-\x{30FF}\x{3400}-\x{9FFF}]')
{%- endmacro %}
