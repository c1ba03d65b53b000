{#-
    The number that a text stands for, as text: a range such as 300-999, 300〜999名 or 1,000+ counts
    as its lower end. A plain number and a text that is no range stay as they are.
-#}
{% macro lower_end(text) -%}
    {{ return(adapter.dispatch('lower_end')(text)) }}
{%- endmacro %}

{% macro default__lower_end(text) -%}
    {%- set unit = '(名|人|employees|people)?' -%}
    {%- set end = '( ?([-‐–—−~〜]|to|から)( ?[0-9].*)?| ?[+]| ?以上.*| ?or more.*)?' -%}
    {%- set range = '^約?([0-9]+) ?' ~ unit ~ end ~ '$' -%}
    {%- set plain = "replace(" ~ fold_text(text) ~ ", ',', '')" -%}
    case
        when regexp_full_match({{ text }}, {{ number_pattern() }}) then {{ text }}
        when regexp_matches({{ plain }}, '{{ range }}')
            then regexp_extract({{ plain }}, '{{ range }}', 1)
        else {{ text }}
    end
{%- endmacro %}
