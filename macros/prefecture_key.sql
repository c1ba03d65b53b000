{#-
    The key by which int_prefecture_names knows a prefecture: folded, without blanks and marks, what
    follows the prefecture in a Japanese address cut, English suffixes and the letters of ISO 3166
    gone, so that 東京, 東京都, Tokyo-to, JP-13 and 13 can be looked up.
-#}
{% macro prefecture_key(text) -%}
    {{ return(adapter.dispatch('prefecture_key')(text)) }}
{%- endmacro %}

{% macro default__prefecture_key(text) -%}
    {%- set folded = "translate(" ~ fold_name(text) ~ ", 'āīūēō', 'aiueo')" -%}
    regexp_replace(
        regexp_replace(
            regexp_replace(
                {{ folded }},
                '[\s,.]*\b(japan|pref|prefecture)\b[\s,.]*|^jp-|[-\s]+(to|fu|ken|do)$', '', 'g'
            ),
            '[\s\-,.''・]', '', 'g'
        ),
        '^(..[都道府県]|...県).*$', '\1'
    )
{%- endmacro %}
