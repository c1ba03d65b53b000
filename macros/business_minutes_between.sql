{#-
    Body of a CTE: the business minutes from one moment to another, a begun one counted as a whole.
    It reads a relation with request_key, calendar_id, from_at and until_at, and gives request_key
    and business_minutes, one row a request: 0 if the second moment does not lie after the first.
    Unknown is what reaches out of the known periods.
-#}
{% macro business_minutes_between(requests) -%}
    {{ return(adapter.dispatch('business_minutes_between')(requests)) }}
{%- endmacro %}

{% macro default__business_minutes_between(requests) -%}
    with

    periods as (

        {{ periods_in_microseconds() }}

    ),

    -- Where a moment lies on the time line of its calendar; outside hours where they go on.
    begun as (

        select
            requests.request_key,
            requests.calendar_id,
            requests.from_at,
            requests.until_at,
            {{ business_position('requests.from_at', 'periods') }} as from_microsecond

        from {{ requests }} as requests

        asof left join periods
            on
                requests.calendar_id = periods.calendar_id
                and requests.from_at <= periods.closes_at

    ),

    ended as (

        select
            begun.request_key,
            case
                when begun.until_at <= begun.from_at then 0
                else {{ business_position('begun.until_at', 'periods') }} - begun.from_microsecond
            end as business_microseconds

        from begun

        asof left join periods
            on
                begun.calendar_id = periods.calendar_id
                and begun.until_at <= periods.closes_at

    )

    select
        ended.request_key,
        cast(
            floor((ended.business_microseconds + 59999999) / 60000000) as bigint
        ) as business_minutes

    from ended
{%- endmacro %}
