{#-
    A name in one form: what fold_text does, and half-width kana as full-width ones with their
    voiced marks composed.
-#}
{% macro fold_name(text) -%}
    {{ return(adapter.dispatch('fold_name')(text)) }}
{%- endmacro %}

{% macro default__fold_name(text) -%}
    {%- set half = [] -%}
    {%- for code in range(65377, 65440) -%}
        {%- do half.append('%c' % code) -%}
    {%- endfor -%}
    {%- set full -%}
        。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン
    {%- endset -%}
    {#- The marks are combining ones at first, so that normalising composes them. -#}
    {%- set full = full | trim ~ '%c' % 12441 ~ '%c' % 12442 -%}
    {%- set wide = "translate(" ~ text ~ ", '" ~ half | join('') ~ "', '" ~ full ~ "')" -%}
    case
        when {{ is_ascii(text) }} then lower({{ text }})
        else {{ narrow_text('nfc_normalize(' ~ wide ~ ')') }}
    end
{%- endmacro %}
