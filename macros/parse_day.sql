{#- The business day that a text names; null where it names none. A day is never shifted. -#}
{% macro parse_day(text) -%}
    {{ return(adapter.dispatch('parse_day')(text)) }}
{%- endmacro %}

{% macro default__parse_day(text) -%}
    case
        when {{ is_date_time(text) }}
            then {{ business_day(date_time_to_utc(text)) }}
        else {{ parse_calendar_day(text) }}
    end
{%- endmacro %}
