{#- The first day that stands in a name: 2026-04-15, 2026/4/15, 2026年4月15日 or 20260415. -#}
{% macro day_in_name(name) -%}
    {{ return(adapter.dispatch('day_in_name')(name)) }}
{%- endmacro %}

{% macro default__day_in_name(name) -%}
    {%- set parts = '(20[0-9]{2})[-/._年]([0-9]{1,2})[-/._月]([0-9]{1,2})' -%}
    {%- set packed = '(?:^|[^0-9])(20[0-9]{2})([0-9]{2})([0-9]{2})(?:[^0-9]|$)' -%}
    coalesce(
        {%- for pattern in [parts, packed] %}
        try_cast(
            nullif(
                regexp_extract({{ fold_text(name) }}, '{{ pattern }}', 1)
                || '-' || regexp_extract({{ fold_text(name) }}, '{{ pattern }}', 2)
                || '-' || regexp_extract({{ fold_text(name) }}, '{{ pattern }}', 3),
                '--'
            ) as date
        ){{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}
