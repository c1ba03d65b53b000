{#-
    The moment that a text names, as a UTC timestamp; null where it names none. A day without a
    time is the start of that business day.
-#}
{% macro parse_timestamp(text) -%}
    {{ return(adapter.dispatch('parse_timestamp')(text)) }}
{%- endmacro %}

{% macro default__parse_timestamp(text) -%}
    coalesce(
        {{ plain_utc_time(text) }},
        case
            when {{ is_date_time(text) }}
                then {{ date_time_to_utc(text) }}
            else
                timezone('UTC', timezone(
                    '{{ business_timezone() }}',
                    cast({{ parse_calendar_day(text) }} as timestamp)
                ))
        end
    )
{%- endmacro %}
