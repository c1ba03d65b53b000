{#-
    The day that is scored, D in the documents: the var as_of, else the variable LEADS_AS_OF, else
    the day on which the run began. The variable is asked while statements are made, not while dbt
    parses: another day then needs no new parse.
-#}
{% macro as_of_date() -%}
    {%- set day = var('as_of') or (env_var('LEADS_AS_OF', '') if execute else '') -%}
    {%- if day -%}
        cast('{{ day }}' as date)
    {%- else -%}
        {{ run_date() }}
    {%- endif -%}
{%- endmacro %}
