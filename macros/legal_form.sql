{#- The legal form that a folded company name shows, by company_name_affixes.csv; null for none. -#}
{% macro legal_form(text) -%}
    {{ return(adapter.dispatch('legal_form')(text)) }}
{%- endmacro %}

{% macro default__legal_form(text) -%}
    {%- set affixes = {} -%}
    {%- for affix, action, legal_form in company_name_affixes() if legal_form -%}
        {%- do affixes.setdefault((legal_form, action == 'remove_word'), []).append(affix) -%}
    {%- endfor -%}
    case
        {%- for (legal_form, stands_alone), forms in affixes.items() %}
        {%- set pattern = company_affix_pattern(forms, stands_alone) %}
        when regexp_matches({{ text }}, {{ text_literal(pattern) }})
            then {{ text_literal(legal_form) }}
        {%- else %}
        when false then ''
        {%- endfor %}
    end
{%- endmacro %}
