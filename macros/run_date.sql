{#- The business day on which the run began: the only place where a clock is asked, once a run. -#}
{% macro run_date() -%}
    {%- if var('run_date') -%}
        cast('{{ var("run_date") }}' as date)
    {%- else -%}
        {%- set zone = modules.pytz.timezone(business_timezone()) -%}
        cast('{{ run_started_at.astimezone(zone).strftime("%Y-%m-%d") }}' as date)
    {%- endif -%}
{%- endmacro %}
