{#- A folded name without blanks, points, commas, hyphens, quotes and brackets. -#}
{% macro without_marks(text) -%}
    {{ return(adapter.dispatch('without_marks')(text)) }}
{%- endmacro %}

{% macro default__without_marks(text) -%}
    regexp_replace(
        {{ text }}, '[\s.,・''`’‘"“”()\[\]「」『』【】、。‐‑–—―−-]', '', 'g'
    )
{%- endmacro %}
