{#- An amount of money: a plain number, also with thousands separators; null where it is none. -#}
{% macro parse_amount(text) -%}
    {{ return(adapter.dispatch('parse_amount')(text)) }}
{%- endmacro %}

{% macro default__parse_amount(text) -%}
    case
        when regexp_full_match(replace({{ text }}, ',', ''), {{ number_pattern() }})
            then try_cast(replace({{ text }}, ',', '') as decimal(18, 2))
    end
{%- endmacro %}
