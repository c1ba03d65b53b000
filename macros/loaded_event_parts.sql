{#-
    Statement that writes down which parts of the events the running model holds now, under which
    version of its table and made by which SQL.
-#}
{% macro loaded_event_parts() -%}
    {%- set name = text_literal(relation_key(this)) -%}
    insert into meta.loaded_event_parts
    select
        {{ name }} as relation_name,
        event_parts.source_name,
        event_parts.event_part,
        event_parts.first_sum,
        event_parts.second_sum,
        event_parts.row_count,
        '{{ event_code_hash() }}' as code_hash,
        versions.content_version as table_version
    from {{ ref('int_event_parts') }} as event_parts
    inner join meta.relation_versions as versions
        on versions.relation_name = {{ name }}
{%- endmacro %}
