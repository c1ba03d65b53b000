{#- The day that is scored, D in the documents: the var as_of, else the day the run began. -#}
{% macro as_of_date() -%}
    {%- if var('as_of') -%}
        cast('{{ var("as_of") }}' as date)
    {%- else -%}
        {{ run_date() }}
    {%- endif -%}
{%- endmacro %}
