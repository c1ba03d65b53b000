{#-
    The business day on which the run began, from the var run_date or the variable LEADS_RUN_DATE;
    else the only place where a clock is asked, once a run.
-#}
{% macro run_date() -%}
    {%- set day = var('run_date') or (env_var('LEADS_RUN_DATE', '') if execute else '') -%}
    {%- if day -%}
        cast('{{ day }}' as date)
    {%- else -%}
        {%- set zone = modules.pytz.timezone(business_timezone()) -%}
        cast('{{ run_started_at.astimezone(zone).strftime("%Y-%m-%d") }}' as date)
    {%- endif -%}
{%- endmacro %}
