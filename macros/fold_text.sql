{#-
    Text compares without regard to case and width; half-width kana stay as they are. Plain ASCII,
    which most texts are, takes the short way: translating costs a hundred times more.
-#}
{% macro fold_text(text) -%}
    case when {{ is_ascii(text) }} then lower({{ text }}) else {{ narrow_text(text) }} end
{%- endmacro %}
