{#-
    A folded company name with a blank in place of everything that company_name_affixes.csv removes,
    in the order of the seed.
-#}
{% macro without_legal_forms(text) -%}
    {{ return(adapter.dispatch('without_legal_forms')(text)) }}
{%- endmacro %}

{% macro default__without_legal_forms(text) -%}
    {#- Neighbours with one action make one pattern. -#}
    {%- set steps = [] -%}
    {%- for affix, action, _ in company_name_affixes() if action in ('remove', 'remove_word') -%}
        {%- if steps and steps[-1][0] == action -%}
            {%- do steps[-1][1].append(affix) -%}
        {%- else -%}
            {%- do steps.append((action, [affix])) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set name = namespace(text=text) -%}
    {%- for action, affixes in steps -%}
        {%- set pattern = company_affix_pattern(affixes, action == 'remove_word') -%}
        {%- set name.text = 'regexp_replace(' ~ name.text ~ ', ' ~ text_literal(pattern)
            ~ ", ' ', 'g')" -%}
    {%- endfor -%}
    {{ return(name.text) }}
{%- endmacro %}
