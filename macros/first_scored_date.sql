{#- The earliest of the days that the build scores: D, or the first of its past days. -#}
{% macro first_scored_date() -%}
    {%- set days = history_days() -%}
    {{ "cast('" ~ days[0] ~ "' as date)" if days else as_of_date() }}
{%- endmacro %}
