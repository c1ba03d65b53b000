{#-
    The parts of the events that the table of the running model does not hold as the sources tell
    them now, as `{source_name: [event_part]}`; none where it has to be built as a whole.
-#}
{% macro stale_event_parts() -%}
    {%- if should_full_refresh() or load_relation(this) is none -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set name = text_literal(relation_key(this)) -%}
    {%- set query -%}
        with

        loaded as (
            select * from meta.loaded_event_parts where relation_name = {{ name }}
        ),

        stale as (
            select
                coalesce(parts.source_name, loaded.source_name) as source_name,
                coalesce(parts.event_part, loaded.event_part) as event_part,
                coalesce(parts.row_count, 0) + coalesce(loaded.row_count, 0) as row_count
            from {{ ref('int_event_parts') }} as parts
            full outer join loaded
                on
                    parts.source_name = loaded.source_name
                    and parts.event_part = loaded.event_part
            where
                parts.first_sum is distinct from loaded.first_sum
                or parts.second_sum is distinct from loaded.second_sum
                or parts.row_count is distinct from loaded.row_count
        ),

        comparable as (
            select count(*) > 0 as is_comparable
            from loaded
            inner join meta.relation_versions as versions
                on loaded.table_version = versions.content_version
            where
                versions.relation_name = {{ name }}
                and loaded.code_hash = '{{ event_code_hash() }}'
        ),

        sizes as (
            select
                (select coalesce(sum(row_count), 0) from stale) as stale_count,
                (select sum(row_count) from loaded) as row_count
        )

        select
            comparable.is_comparable and sizes.stale_count <= sizes.row_count as is_partial,
            stale.source_name,
            stale.event_part
        from comparable
        cross join sizes
        left join stale on true
        order by stale.source_name, stale.event_part
    {%- endset -%}
    {%- set rows = run_query(query).rows -%}
    {%- if not rows[0][0] -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set parts = {} -%}
    {%- for row in rows if row[1] is not none -%}
        {%- do parts.setdefault(row[1], []).append(row[2]) -%}
    {%- endfor -%}
    {{ return(parts) }}
{%- endmacro %}
