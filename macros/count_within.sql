{#- How many ages of a list lie in a window of days; an empty window is no limit. -#}
{% macro count_within(ages, window_days) -%}
    {{ return(adapter.dispatch('count_within')(ages, window_days)) }}
{%- endmacro %}

{% macro default__count_within(ages, window_days) -%}
    case
        when {{ window_days }} is null or {{ ages }}[-1] < {{ window_days }} then len({{ ages }})
        when {{ ages }}[1] >= {{ window_days }} then 0
        else len(list_filter({{ ages }}, lambda age: age < {{ window_days }}))
    end
{%- endmacro %}
