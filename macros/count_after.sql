{#- How many days of a list, the latest first, lie after a day. -#}
{% macro count_after(days, day) -%}
    {{ return(adapter.dispatch('count_after')(days, day)) }}
{%- endmacro %}

{% macro default__count_after(days, day) -%}
    case
        when {{ days }}[1] <= {{ day }} then 0
        when {{ days }}[-1] > {{ day }} then len({{ days }})
        else len(list_filter({{ days }}, lambda item: item > {{ day }}))
    end
{%- endmacro %}
