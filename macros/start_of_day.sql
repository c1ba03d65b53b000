{#- The moment at which a business day begins, UTC. -#}
{% macro start_of_day(day) -%}
    {{ local_to_utc('cast(' ~ day ~ ' as timestamp)', "'" ~ business_timezone() ~ "'") }}
{%- endmacro %}
