{#-
    A wall time of a time zone as a UTC timestamp. A time that clocks skip is taken by the offset
    before, one that they show twice is the second.
-#}
{% macro local_to_utc(wall_time, time_zone) -%}
    {{ return(adapter.dispatch('local_to_utc')(wall_time, time_zone)) }}
{%- endmacro %}

{% macro default__local_to_utc(wall_time, time_zone) -%}
    timezone('UTC', timezone({{ time_zone }}, {{ wall_time }}))
{%- endmacro %}
