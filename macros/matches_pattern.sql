{#-
    Whether a pattern is found anywhere in a text as it stands. A pattern that comes from a column
    is compiled for every row, which costs some eighty times a constant one: the patterns of the
    rules are written into the SQL, and the column is the fallback.
-#}
{% macro matches_pattern(text, pattern) -%}
    {{ return(adapter.dispatch('matches_pattern')(text, pattern)) }}
{%- endmacro %}

{% macro default__matches_pattern(text, pattern) -%}
    case
        {%- for constant in condition_patterns() %}
        when {{ pattern }} = {{ text_literal(constant) }}
            then regexp_matches({{ text }}, {{ text_literal(constant) }})
        {%- endfor %}
        when true then regexp_matches({{ text }}, {{ pattern }})
    end
{%- endmacro %}
