{#- All events of a group that became known after their day, as one list of both days. -#}
{% macro collect_late_events(event_day, known_day) -%}
    {{ return(adapter.dispatch('collect_late_events')(event_day, known_day)) }}
{%- endmacro %}

{% macro default__collect_late_events(event_day, known_day) -%}
    list({'event_day': {{ event_day }}, 'known_day': {{ known_day }}})
{%- endmacro %}
