{#-
    The past days to score beside D, oldest first, as ISO text: those of the var `history_days`,
    else those of the variable LEADS_HISTORY_DAYS (by commas), as far as they lie before D. Where
    the var as_of names no day all of them count. While dbt parses there is one, so that the graph
    holds what past days need, and other days need no new parse.
-#}
{% macro history_days() -%}
    {%- if not execute -%}
        {{ return(['1970-01-01']) }}
    {%- endif -%}
    {%- set days = [] -%}
    {%- set given = env_var('LEADS_HISTORY_DAYS', '').split(',') | select -%}
    {%- for day in var('history_days') or given -%}
        {%- if (not var('as_of') or day | string < var('as_of') | string)
            and day | string not in days -%}
            {%- do days.append(day | string) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(days | sort) }}
{%- endmacro %}
