{#- The number that a text is, as a double; null where it is none or not finite. -#}
{% macro parse_number(text) -%}
    {{ return(adapter.dispatch('parse_number')(text)) }}
{%- endmacro %}

{% macro default__parse_number(text) -%}
    case
        when regexp_full_match({{ text }}, {{ number_pattern() }})
            and isfinite(try_cast({{ text }} as double))
            then try_cast({{ text }} as double)
    end
{%- endmacro %}
