{%- set days = var('event_lookback_days') -%}
{%- set is_looking_back = days | string | length > 0 and not should_full_refresh()
    and load_relation(this) is not none -%}
{%- set columns = [
    'lead_id', 'visitor_id', 'email', 'event_id', 'event_type', 'occurred_at_text',
] -%}
{%- for property in event_property_types() -%}
    {%- do columns.append(quoted(property)) -%}
{%- endfor -%}
{%- do columns.append('is_automated') -%}
with

events as (
    {{ union_sources('events', columns + ['source_row_number']) }}
),

parted as (

    select
        events.*,
        {{ event_part('events.occurred_at_text') }} as event_part,
        -- A row that may be rejected is told by its place in the file.
        case
            when
                events.event_type is null
                or coalesce(events.lead_id, events.visitor_id, events.email) is null
                or {{ plain_utc_time('events.occurred_at_text') }} is null
                then events.source_row_number
        end as row_place

    from events

),
{% if is_looking_back %}
known_parts as (

    select * from {{ this }}

),

-- Days before the look-back are taken to be what they were; parts that are no days are all read.
settled_parts as (

    select known_parts.*

    from known_parts

    where
        known_parts.event_part like '____-__-__'
        and try_cast(known_parts.event_part as date) < (
            select
                {{ dbt.dateadd('day', -(days | int), 'max(try_cast(newest.event_part as date))') }}
            from known_parts as newest
            where
                newest.event_part like '____-__-__'
                and try_cast(newest.event_part as date) <= {{ as_of_date() }}
        )

),
{% endif %}
event_parts as (

    select
        parted.source_name,
        parted.event_part,
        {{ content_sums(columns + ['row_place']) }},
        count(*) as row_count

    from parted
    {% if is_looking_back %}
    where not exists (
        select 1
        from settled_parts
        where
            parted.source_name = settled_parts.source_name
            and parted.event_part = settled_parts.event_part
    )
    {% endif %}
    group by
        parted.source_name,
        parted.event_part
    {% if is_looking_back %}
    union all

    select
        settled_parts.source_name,
        settled_parts.event_part,
        settled_parts.first_sum,
        settled_parts.second_sum,
        settled_parts.row_count

    from settled_parts
    {% endif %}
)

select * from event_parts
