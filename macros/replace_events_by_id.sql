{#-
    Statements that replace some parts of the events, one row an id, by what the sources tell of
    them now, and the events whose ids stand in other parts too; what they need is gathered here.
-#}
{% macro replace_events_by_id(stale) -%}
    {%- set readable = ref('int_readable_events') -%}
    {%- set columns = stored_event_columns() -%}
    {%- if not stale -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set affected -%}
        create or replace temporary table affected_event_ids as
        {% for source_name, event_parts in stale.items() -%}
        {% for relation in [readable, this] -%}
        select
            events.source_name,
            events.event_id
        from {{ relation }} as events
        where
            {{ in_event_parts('events', source_name, event_parts) }}
            and events.event_id is not null
        {{ 'union' if not loop.last }}
        {% endfor -%}
        {{ 'union' if not loop.last }}
        {% endfor -%}
    {%- endset -%}
    {%- set shared -%}
        create or replace temporary table shared_event_ids as
        select distinct
            events.source_name,
            events.event_id,
            {{ event_part('events.occurred_at_text') }} as event_part
        from (
            {{ union_sources('events', ['event_id', 'occurred_at_text']) }}
        ) as events
        semi join affected_event_ids as affected
            on
                events.source_name = affected.source_name
                and events.event_id = affected.event_id
        where not (
            {%- for source_name, event_parts in stale.items() %}
            (
                events.source_name = {{ text_literal(source_name) }}
                and {{ event_part('events.occurred_at_text') }} in (
                    {%- for part in event_parts -%}
                    {{ text_literal(part) }}{{ ', ' if not loop.last }}
                    {%- endfor -%}
                )
            )
            {{- ' or' if not loop.last }}
            {%- endfor %}
        )
    {%- endset -%}
    {%- do run_query(affected) -%}
    {%- do run_query(shared) -%}
    {%- set others = {} -%}
    {%- for row in run_query(
        'select distinct source_name, event_part from shared_event_ids order by all'
    ).rows -%}
        {%- do others.setdefault(row[0], []).append(row[1]) -%}
    {%- endfor -%}
    {%- set read -%}
        create or replace temporary table read_events as
        {% for source_name, event_parts in stale.items() -%}
        select events.*
        from {{ readable }} as events
        where {{ in_event_parts('events', source_name, event_parts) }}
        {{ 'union all' if not loop.last }}
        {% endfor -%}
        {% for source_name, event_parts in others.items() -%}
        union all
        select events.*
        from {{ readable }} as events
        semi join shared_event_ids as shared
            on
                events.source_name = shared.source_name
                and events.event_id = shared.event_id
                and events.event_part = shared.event_part
        where {{ in_event_parts('events', source_name, event_parts) }}
        {% endfor -%}
    {%- endset -%}
    {%- do run_query(read) -%}
    {%- set repeated -%}
        (
            select
                source_name,
                event_id_hash
            from read_events
            where event_id is not null
            group by all
            having count(*) > 1
        )
    {%- endset -%}
    {%- set statements = [] -%}
    {%- do statements.extend(delete_event_parts(stale)) -%}
    {%- if others -%}
        {%- do statements.append(
            'delete from ' ~ this ~ ' as events where exists (select 1 from shared_event_ids'
            ~ ' as shared where events.source_name = shared.source_name'
            ~ ' and events.event_id = shared.event_id)'
        ) -%}
    {%- endif -%}
    {%- set insert -%}
        insert into {{ this }} ({{ columns | join(', ') }})
        with
        {{ earliest_events('read_events', repeated) }}
        select {{ columns | join(', ') }}
        from deduplicated
        order by coalesce(lead_id, email, visitor_id)
    {%- endset -%}
    {%- do statements.append(insert) -%}
    {{ return(statements) }}
{%- endmacro %}
