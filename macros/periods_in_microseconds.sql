{#- Body of a CTE: business periods with their length and the business time before each. -#}
{% macro periods_in_microseconds() -%}
    select
        periods.calendar_id,
        periods.opens_at,
        periods.closes_at,
        periods.minutes_before * 60000000 as microseconds_before,
        {{ dbt.datediff('periods.opens_at', 'periods.closes_at', 'microsecond') }} as microseconds

    from {{ ref('int_business_periods') }} as periods
{%- endmacro %}
