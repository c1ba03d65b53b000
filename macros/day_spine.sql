{#- One row a day, `date_day`, between two date columns of a one-row relation, both included. -#}
{% macro day_spine(relation, first_day, last_day) -%}
    {{ return(adapter.dispatch('day_spine')(relation, first_day, last_day)) }}
{%- endmacro %}

{% macro default__day_spine(relation, first_day, last_day) -%}
    select cast(unnest(generate_series(
        {{ relation }}.{{ first_day }}, {{ relation }}.{{ last_day }}, interval 1 day
    )) as date) as date_day

    from {{ relation }}
{%- endmacro %}
