{#-
    Body of a CTE: when a number of business minutes after a moment is over. It reads a relation
    with request_key, calendar_id, from_at and business_minutes, and gives request_key and due_at,
    one row a request. A moment outside hours counts from the next opening; no minutes give the
    next open moment; what is due when a period closes is due at its close. Unknown is what begins
    before the first known opening or ends after the last known close.
-#}
{% macro due_times(requests) -%}
    {{ return(adapter.dispatch('due_times')(requests)) }}
{%- endmacro %}

{% macro default__due_times(requests) -%}
    with

    periods as (

        {{ periods_in_microseconds() }}

    ),

    -- The clock starts in the first period that closes after the moment.
    started as (

        select
            requests.request_key,
            requests.calendar_id,
            requests.business_minutes,
            case
                when requests.business_minutes >= 0
                    then
                        {{ business_position('requests.from_at', 'periods') }}
                        + requests.business_minutes * 60000000
            end as due_microsecond

        from {{ requests }} as requests

        asof left join periods
            on
                requests.calendar_id = periods.calendar_id
                and requests.from_at < periods.closes_at

    ),

    -- Which period that place lies in: without minutes one may open there, with them one may close.
    placed as (

        select
            started.request_key,
            started.calendar_id,
            started.due_microsecond,
            started.due_microsecond
            + case when started.business_minutes = 0 then 1 else 0 end as end_microsecond

        from started

    ),

    ended as (

        select
            placed.request_key,
            periods.opens_at,
            case
                when placed.due_microsecond - periods.microseconds_before <= periods.microseconds
                    then placed.due_microsecond - periods.microseconds_before
            end as microseconds

        from placed

        asof left join periods
            on
                placed.calendar_id = periods.calendar_id
                and placed.end_microsecond > periods.microseconds_before

    )

    -- Minutes apart from what is left: not every engine adds as many microseconds as a day has.
    select
        ended.request_key,
        {{ dbt.dateadd(
            'microsecond',
            'ended.microseconds % 60000000',
            dbt.dateadd('minute', 'floor(ended.microseconds / 60000000)', 'ended.opens_at')
        ) }} as due_at

    from ended
{%- endmacro %}
