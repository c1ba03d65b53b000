{#-
    The Latin words of a text, a blank before and behind each. Japanese is written without blanks,
    so that only a Latin letter makes a word longer: `IT` is a word of `IT部`, not of `kitchen`.
-#}
{% macro latin_words(text) -%}
    {{ return(adapter.dispatch('latin_words')(text)) }}
{%- endmacro %}

{% macro default__latin_words(text) -%}
    concat(' ', regexp_replace({{ text }}, '[^\p{Latin}]+', ' ', 'g'), ' ')
{%- endmacro %}
