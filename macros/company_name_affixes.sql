{#-
    The rows of company_name_affixes.csv in their order, folded as names are: `[(affix, action,
    legal form)]`. The seed is asked while a model compiles.
-#}
{% macro company_name_affixes() -%}
    {%- set query -%}
        select {{ fold_name('affix') }} as affix, action, legal_form
        from {{ ref('company_name_affixes') }}
        order by priority, affix
    {%- endset -%}
    {%- set affixes = [] -%}
    {%- for row in seed_rows([ref('company_name_affixes')], query) -%}
        {%- do affixes.append((row[0], row[1], row[2])) -%}
    {%- endfor -%}
    {{ return(affixes) }}
{%- endmacro %}
