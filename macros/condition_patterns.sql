{#- The distinct patterns that conditions with the operator `matches` name. -#}
{% macro condition_patterns() -%}
    {%- set conditions = ref('int_conditions') -%}
    {%- set query -%}
        select distinct operand from {{ conditions }} where operator = 'matches' order by operand
    {%- endset -%}
    {%- set patterns = [] -%}
    {%- for row in seed_rows([conditions], query) -%}
        {%- do patterns.append(row[0]) -%}
    {%- endfor -%}
    {{ return(patterns) }}
{%- endmacro %}
