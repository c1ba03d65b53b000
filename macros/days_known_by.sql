{#-
    The days of events, the latest first, of which late ones count from the day on which they are
    known. Most people have none of those, and their list stays as it is.
-#}
{% macro days_known_by(event_days, late_events, day) -%}
    {{ return(adapter.dispatch('days_known_by')(event_days, late_events, day)) }}
{%- endmacro %}

{% macro default__days_known_by(event_days, late_events, day) -%}
    case
        when {{ late_events }} is null then {{ event_days }}
        else list_reverse_sort(list_concat(
            {{ event_days }},
            list_transform(
                list_filter({{ late_events }}, lambda late: late.known_day <= {{ day }}),
                lambda late: late.event_day
            )
        ))
    end
{%- endmacro %}
